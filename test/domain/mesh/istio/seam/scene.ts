import type { Call } from '../../../../../src/domain/calls/call.ts';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../../../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../../../../src/domain/simulate/verdict.ts';
import type { CoverageEntry } from '../../../../../src/domain/world/coverage.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import {
  completeWorld,
  controlPlane,
  object,
  pod,
  service,
  type MeshParts,
  type PodParts,
} from '../../../../cases-runner/case-world.ts';

/** A client and a server with sidecars in namespace shop, HTTP on Service port 80 to container port 8080. */
export interface Scene {
  readonly client?: Partial<PodParts>;
  readonly server?: Partial<PodParts>;
  readonly mesh?: MeshParts;
  readonly service?: JsonObject;
  readonly call?: Partial<Call>;
  readonly more?: readonly KubeObject[];
  readonly coverage?: readonly CoverageEntry[];
}

const POD = { namespace: 'shop', sidecar: true };

/** The fate of the scene's one call. */
export function fateIn(scene: Scene): Fate {
  const ports = [{ port: 80, targetPort: 8080, name: 'http' }];
  const world = completeWorld(
    [
      ...controlPlane(scene.mesh),
      pod({ ...POD, name: 'client', labels: { app: 'client' }, ...scene.client }),
      pod({ ...POD, name: 'server', labels: { app: 'server' }, ...scene.server }),
      service('shop', 'server', { ports, ...scene.service }),
      ...(scene.more ?? []),
    ],
    scene.coverage,
  );
  const call: Call = {
    id: 'scene',
    from: { kind: 'workload', workload: { namespace: scene.client?.namespace ?? 'shop', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    evidence: [{ kind: 'declared', source: 'scene', detail: 'scene' }],
    ...scene.call,
  };
  return fateOf(call, world);
}

/** An object of Istio, its kind given as `security/PeerAuthentication`; in namespace shop unless another is given. */
export function istioObject(kindInGroup: string, spec: unknown, namespace = 'shop'): KubeObject {
  const [group = '', kind = ''] = kindInGroup.split('/');
  return object(`${group}.istio.io/v1`, kind, { name: 'it', namespace, spec });
}

/** PeerAuthentication STRICT in namespace shop. */
export const STRICT = istioObject('security/PeerAuthentication', { mtls: { mode: 'STRICT' } });
