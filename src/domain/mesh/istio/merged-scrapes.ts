import { mapFact, known, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import type { Arrival, ServerEnd } from '../mesh.ts';
import { proxyContainer } from './injection/detect-proxy.ts';
import { meshSettings } from './mesh-settings.ts';

const MERGE = 'prometheus.istio.io/merge-metrics';
const SCRAPE = 'prometheus.io/scrape';
const PORT = 'prometheus.io/port';
const AGENT_PORT = '15020';

/**
 * The annotations of a pod as injection leaves them: where metrics are merged, whoever scrapes by them asks the agent,
 * which asks the application from inside the pod. A pod that says it is not to be scraped stays as it is.
 * Source: istio pkg/kube/inject/webhook.go#applyPrometheusMerge.
 */
export function withMergedScrape(pod: PodShape, merges: boolean): PodShape {
  if (!(mergesByItself(pod) ?? merges) || pod.annotations[SCRAPE] === 'false') return pod;
  const merged = { [SCRAPE]: 'true', [PORT]: AGENT_PORT, 'prometheus.io/path': '/stats/prometheus' };
  return { ...pod, annotations: { ...pod.annotations, ...merged } };
}

/**
 * Whether what arrives is a scrape that goes to the agent's port 15020 instead, which is not captured and before which no
 * policy stands: as pods with their proxy show, else as injection would write it. The agent asks in plaintext only.
 */
export function scrapePassesBy(
  server: ServerEnd,
  arrival: Arrival,
  at: { world: World; revision: string },
): Fact<boolean> {
  if (arrival.annotated !== true || arrival.payload === 'tls') return known(false);
  const { pod } = server.cohort;
  const proxy = proxyContainer(pod);
  if (proxy !== undefined && proxy.image !== 'auto') return known(pod.annotations[PORT] === AGENT_PORT);
  const own = mergesByItself(pod);
  if (own !== undefined) return known(own);
  return mapFact(meshSettings(at.world, at.revision), ({ mergesScrapes }) => mergesScrapes);
}

function mergesByItself({ annotations }: PodShape): boolean | undefined {
  const said = annotations[MERGE];
  return said === 'true' || said === 'false' ? said === 'true' : undefined;
}
