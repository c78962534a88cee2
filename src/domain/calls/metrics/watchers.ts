import { hubble } from './hubble-watcher.ts';
import { istioSidecars, istioWaypoints, istioZtunnel } from './istio-watchers.ts';
import { linkerdProxies } from './linkerd-watcher.ts';
import type { LabelMatcher, MetricFamily, Watcher } from './metric-family.ts';

/** Everything whose metrics are understood. */
export const WATCHERS: readonly Watcher[] = [istioSidecars, istioZtunnel, istioWaypoints, linkerdProxies, hubble];

/** Whether a series with these labels belongs to the family. */
export function belongsTo(family: MetricFamily, metric: string, labels: Readonly<Record<string, string>>): boolean {
  return metric === family.metric && family.matchers.every((matcher) => meets(matcher, labels));
}

function meets({ label, op, value }: LabelMatcher, labels: Readonly<Record<string, string>>): boolean {
  const own = (Object.hasOwn(labels, label) ? labels[label] : undefined) ?? '';
  const isWanted = op === '=' || op === '=~';
  // The families' own patterns are plain alternatives of words.
  const isMet = op === '=' || op === '!=' ? own === value : value.split('|').includes(own);
  return isMet === isWanted;
}
