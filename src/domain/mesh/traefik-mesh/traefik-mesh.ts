import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown } from '../../world/fact.ts';
import { hostsOf } from '../../world/host-tokens.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { DataPlane, Detection, Mesh } from '../mesh.ts';
import { unmeshedAuthorization, unmeshedInbound } from '../unmeshed.ts';
import { recognisedMesh } from '../recognised/recognised-mesh.ts';
import { runsImage, type Signature } from '../recognised/signature.ts';
import { firstGap, signsOf } from '../recognised/signs.ts';
import { detectBySigns } from '../recognised/detect.ts';
import { SUPPORT } from '../recognised/support-status.ts';

const signature: Signature = {
  id: 'traefik-mesh',
  displayName: 'Traefik Mesh',
  groups: [],
  kinds: [],
  namespaceLabels: [],
  isControlPlane: (workload) =>
    workload.name === 'traefik-mesh-controller' ||
    workload.name === 'maesh-controller' ||
    runsImage(workload, /^(traefik-)?mesh$|^maesh$/),
  support: SUPPORT['traefik-mesh'],
};
const base = recognisedMesh({ signature });

/**
 * Traefik Mesh takes nobody's traffic: who calls `<service>.<namespace>.traefik.mesh` goes through its node proxies,
 * in plaintext, and every other call passes by it. Source: https://github.com/traefik/mesh.
 */
export const traefikMesh: Mesh = {
  ...base,
  detect,
  dataPlane,
  portMode: () => ({ mode: 'none', declared: 'no TLS', evidence: [] }),
  inbound: (_server, arrival) => unmeshedInbound(arrival),
  authorize: unmeshedAuthorization,
  policies: () => ({ default: 'allow', policies: [] }),
};

const HOST = /\.(traefik\.mesh|maesh)\.?$/;

function namesMesh(object: KubeObject): boolean {
  return derivedFrom(object, namesHost);
}

function namesHost(object: KubeObject): boolean {
  return hostsOf(object).some(({ host }) => HOST.test(host));
}

/** A client that names a host of the mesh goes through a node's proxy on that call; where it goes then is not resolved. */
function dataPlane(workload: Workload, _cohort: Cohort, world: World): DataPlane | undefined {
  if (!namesMesh(workload.object)) return undefined;
  const { planes } = signsOf(signature, world);
  if (planes.length === 0 && firstGap(world, [KIND.deployment]) === undefined) return undefined;
  const reason = 'its configuration names hosts of Traefik Mesh, whose node proxies carry those calls in plaintext';
  return { mesh: 'traefik-mesh', mode: 'proxyless', captured: unknown(reason), native: false, reason };
}

/** Its shadow Services and those who name its hosts stand for enrolled pods. */
function detect(world: World): Detection {
  const found = detectBySigns(signature, world);
  const services = world.list(KIND.service);
  const shadows = services.objects.filter(isShadow);
  const consumers = [...workloadsOf(world).map(({ object }) => object), ...world.list(KIND.configMap).objects].filter(
    namesMesh,
  );
  const { planes } = signsOf(signature, world);
  const evidence: readonly Evidence[] = [
    ...found.evidence,
    ...shadows
      .slice(0, 3)
      .map((object): Evidence => ({ object: refOf(object), rule: 'a shadow Service of Traefik Mesh' })),
    ...consumers
      .slice(0, 3)
      .map((object): Evidence => ({ object: refOf(object), rule: 'names hosts of Traefik Mesh' })),
  ];
  const details = { consumers: known(String(consumers.length)) };
  const signs = {
    running: planes.some(({ ready }) => ready),
    used: shadows.length + consumers.length > 0,
    called: consumers.length > 0,
  };
  const gap = firstGap(world, [KIND.service, KIND.deployment, KIND.daemonSet]);
  return { ...found, state: stateOf(found.state, { ...signs, gap }), evidence, details };
}

interface Signs {
  readonly running: boolean;
  readonly used: boolean;
  /** Whether somebody's configuration names its hosts. */
  readonly called: boolean;
  readonly gap: string | undefined;
}

function stateOf(state: Detection['state'], { running, used, called, gap }: Signs): Detection['state'] {
  if (running && used) return 'active';
  if (gap !== undefined) return 'unknown';
  if (!used) return state;
  return called ? 'orphaned' : 'remnant';
}

function isShadow({ metadata }: KubeObject): boolean {
  const { labels, name } = metadata;
  const owned = labels['app'] === 'maesh' || labels['app.kubernetes.io/name'] === 'traefik-mesh';
  return /-6d61657368-/.test(name) || (owned && labels['type'] === 'shadow');
}
