import { compareText } from '../../../lib/order.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { Evidence } from '../../world/evidence.ts';
import { cohortsOf } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { controlPlanes, type ControlPlane } from './control-plane.ts';
import { detectProxy, type DetectedProxy } from './injection/detect-proxy.ts';

/** Running proxies of one revision and version. */
export interface ProxyCount {
  readonly revision: string;
  /** Absent where the image names none. */
  readonly version?: string;
  readonly pods: number;
}

/** How many pods run proxies of which revision and version, and how many stand behind ztunnel; sorted. */
export function proxyCounts(world: World): { readonly proxies: readonly ProxyCount[]; readonly ambient: number } {
  const counts = new Map<string, ProxyCount>();
  let ambient = 0;
  for (const workload of workloadsOf(world)) {
    // Manifests show templates alone, and one that carries a proxy runs as it is written.
    const isTemplate = world.coverage.basis === 'declared' && workload.live.known && workload.live.value.length === 0;
    for (const { pod, state, pods } of cohortsOf(workload)) {
      const proxy = detectProxy(pod);
      if (proxy.proxy === 'none' || (state === 'next' && !isTemplate)) continue;
      if (proxy.proxy === 'ambient') ambient += isTemplate ? 0 : pods;
      else count(counts, proxy, isTemplate ? 1 : pods);
    }
  }
  const sorted = [...counts].sort(([left], [right]) => compareText(left, right));
  return { proxies: sorted.map(([, found]) => found), ambient };
}

function count(counts: Map<string, ProxyCount>, { revision, version }: DetectedProxy, pods: number): void {
  const of = revision ?? 'default';
  const key = `${of} ${version ?? ''}`;
  const before = counts.get(key)?.pods ?? 0;
  counts.set(key, { revision: of, pods: before + pods, ...(version === undefined ? {} : { version }) });
}

/**
 * What of the versions is beyond what Istio supports: a proxy newer than its control plane, or more than one minor
 * version older. Source: https://istio.io/latest/docs/releases/supported-releases/.
 */
export function skewEvidence(world: World, proxies: readonly ProxyCount[]): readonly Evidence[] {
  const planes = controlPlanes(world);
  return proxies.flatMap((proxy) => {
    const plane = planes.find(({ revision }) => revision === proxy.revision) ?? onlyOf(planes);
    const why = plane === undefined ? undefined : whySkewed(plane, proxy);
    return plane === undefined || why === undefined ? [] : [{ object: plane.ref, rule: why, source: SOURCE }];
  });
}

const SOURCE = 'https://istio.io/latest/docs/releases/supported-releases/';

function onlyOf(planes: readonly ControlPlane[]): ControlPlane | undefined {
  return planes.length === 1 ? planes[0] : undefined;
}

function whySkewed(plane: ControlPlane, { version, pods, revision }: ProxyCount): string | undefined {
  const [ours, theirs] = [parseVersion(plane.version ?? ''), parseVersion(version ?? '')];
  if (ours === undefined || theirs === undefined || ours.major !== theirs.major) return undefined;
  const behind = ours.minor - theirs.minor;
  if (behind === 0 || behind === 1) return undefined;
  const which = behind < 0 ? 'newer than' : `${String(behind)} minor versions behind`;
  return `${String(pods)} pods of revision ${revision} run proxy ${version ?? ''}, ${which} istiod ${plane.version ?? ''}: not supported`;
}
