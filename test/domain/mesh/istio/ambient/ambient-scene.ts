import type { Call } from '../../../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../../../../src/domain/simulate/verdict.ts';
import type { CoverageEntry } from '../../../../../src/domain/world/coverage.ts';
import type { World } from '../../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import {
  ambientMesh,
  ambientPod,
  completeWorld,
  gatewayPod,
  object,
  pod,
  type MeshParts,
} from '../../../../cases-runner/case-world.ts';

type Member = 'ambient' | 'sidecar' | 'sidecar-hbone' | 'gateway' | 'none';
type Labels = Readonly<Record<string, string>>;

/** A client that calls Service shop/server, HTTP on port 80 to container port 8080; both ambient unless said otherwise. */
export interface AmbientScene {
  readonly client?: Member;
  readonly server?: Member;
  readonly serverLabels?: Labels;
  readonly serverAnnotations?: Labels;
  readonly serviceLabels?: Labels;
  readonly service?: JsonObject;
  readonly mesh?: MeshParts;
  readonly call?: Partial<Call>;
  readonly more?: readonly KubeObject[];
  readonly coverage?: readonly CoverageEntry[];
}

/** The world of a scene. */
export function ambientWorld(scene: AmbientScene): World {
  const ports = [{ port: 80, targetPort: 8080, name: 'http' }];
  return completeWorld(
    [
      ...ambientMesh(scene.mesh),
      object('v1', 'Namespace', { name: 'shop' }),
      made(scene.client ?? 'ambient', 'client', {}),
      made(scene.server ?? 'ambient', 'server', {
        labels: { app: 'server', ...scene.serverLabels },
        annotations: scene.serverAnnotations ?? {},
      }),
      object('v1', 'Service', {
        name: 'server',
        namespace: 'shop',
        labels: scene.serviceLabels ?? {},
        spec: { selector: { app: 'server' }, ports, ...scene.service },
      }),
      ...(scene.more ?? []),
    ],
    scene.coverage,
  );
}

/** The call of a scene. */
export function ambientCall(over: Partial<Call> = {}): Call {
  return {
    id: 'scene',
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    request: { method: 'GET', path: '/' },
    evidence: [{ kind: 'declared', source: 'scene', detail: 'scene' }],
    ...over,
  };
}

/** The fate of the scene's one call. */
export function ambientFate(scene: AmbientScene): Fate {
  return fateOf(ambientCall(scene.call), ambientWorld(scene));
}

function made(
  member: Member,
  name: string,
  marks: { readonly labels?: Labels; readonly annotations?: Labels },
): KubeObject {
  const labels = marks.labels ?? {};
  const parts = { namespace: 'shop', name, ...marks };
  switch (member) {
    case 'ambient':
      return ambientPod(parts);
    case 'gateway':
      return gatewayPod('shop', name);
    case 'sidecar-hbone':
      return pod({ ...parts, sidecar: true, labels: { ...labels, 'networking.istio.io/tunnel': 'http' } });
    case 'sidecar':
    case 'none':
      return pod({ ...parts, sidecar: member === 'sidecar' });
  }
}

/** PeerAuthentication of namespace shop with that mode. */
export function mode(word: string, spec: JsonObject = {}, name = 'mode'): KubeObject {
  return object('security.istio.io/v1', 'PeerAuthentication', {
    name,
    namespace: 'shop',
    spec: { mtls: { mode: word }, ...spec },
  });
}

/** AuthorizationPolicy of namespace shop. */
export function policy(spec: JsonObject, name = 'policy'): KubeObject {
  return object('security.istio.io/v1', 'AuthorizationPolicy', { name, namespace: 'shop', spec });
}
