import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import type { ClientEnd, Outbound } from '../../../../../src/domain/mesh/mesh.ts';
import { KIND } from '../../../../../src/domain/kubernetes/kinds.ts';
import type { CoverageEntry } from '../../../../../src/domain/world/coverage.ts';
import { known, type Fact } from '../../../../../src/domain/world/fact.ts';
import { readService } from '../../../../../src/domain/world/service.ts';
import type { JsonObject } from '../../../../../src/lib/json.ts';
import { completeWorld, service } from '../../../../cases-runner/case-world.ts';
import { podEnd } from '../../../../cases-runner/istio/seam-ends.ts';
import {
  chartValuesWith,
  linkerdControlPlane,
  linkerdPod,
  type MeshedPodParts,
} from '../../../../cases-runner/linkerd/linkerd-world.ts';

/** A meshed client and a meshed server in namespace shop, Service port 80 to container port 8080. */
export interface Scene {
  readonly client?: Partial<MeshedPodParts>;
  readonly server?: Partial<MeshedPodParts>;
  readonly values?: JsonObject;
  readonly phase?: ClientEnd['phase'];
  /** Whether the pod is called by its own address. */
  readonly direct?: boolean;
  readonly port?: JsonObject;
  readonly service?: JsonObject;
  readonly serverFirst?: Fact<boolean>;
  readonly more?: readonly KubeObject[];
  readonly coverage?: readonly CoverageEntry[];
}

/** What the scene's client puts on the wire. */
export function sentIn(scene: Scene): Outbound {
  const port = { port: 80, targetPort: 8080, ...scene.port };
  const called = service('shop', 'server', { ports: [port], ...scene.service });
  const world = completeWorld(
    [
      ...linkerdControlPlane(chartValuesWith(scene.values)),
      linkerdPod({ name: 'client', controlPlane: 'linkerd', ...scene.client }),
      linkerdPod({ name: 'server', labels: { app: 'server' }, controlPlane: 'linkerd', ...scene.server }),
      called,
      ...(scene.more ?? []),
    ],
    scene.coverage,
  );
  const read = readService(called);
  const [servicePort] = read.ports;
  if (servicePort === undefined) throw new Error('the scene has no port');
  return linkerd.outbound(
    { ...podEnd(world, 'shop', 'client'), phase: scene.phase ?? 'run' },
    {
      server: { ...podEnd(world, 'shop', 'server'), port: 8080 },
      ...(scene.direct === true ? {} : { service: { service: read, port: servicePort } }),
      ...(scene.serverFirst === undefined ? {} : { serverFirst: scene.serverFirst }),
    },
    world,
  );
}

/** A kind that nobody read. */
export function unread(kind: keyof typeof KIND): readonly CoverageEntry[] {
  return [{ kind: KIND[kind], state: 'forbidden', objects: 0 }];
}

/** A known fact that the server speaks first. */
export const SERVER_FIRST = known(true);
