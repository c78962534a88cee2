import { inboundFamilies, inboundRows } from './linkerd-inbound.ts';
import { outboundFamilies, outboundRow } from './linkerd-outbound.ts';
import { OWNER_LABELS, ownerOf } from './linkerd-owners.ts';
import { isWithinPod } from './linkerd-wire.ts';
import type { CountedSeries, Watcher } from './metric-family.ts';

const OUTBOUND: ReadonlySet<unknown> = new Set(outboundFamilies);

/** The proxies of Linkerd, as both clients and servers have them. Ports that skip the proxy are not seen. */
export const linkerdProxies: Watcher = {
  name: 'Linkerd proxies',
  seesUnmeshed: false,
  // It counts the connections of requests too.
  needed: [['tcp_open_total']],
  families: [...outboundFamilies, ...inboundFamilies],
  rowsOf: (counted, source) => {
    const outside = counted.filter((series) => !isWithinPod(series));
    const named = outside.filter((series) => ownerOf(series, '') !== undefined);
    const outbound = named.filter(isOutbound).flatMap((series) => outboundRow(series, source) ?? []);
    const rows = [
      ...outbound,
      ...inboundRows(
        named.filter((series) => !isOutbound(series)),
        source,
      ),
    ];
    return { rows, gaps: gapsOf(outside.length - named.length) };
  },
};

function isOutbound({ family }: CountedSeries): boolean {
  return OUTBOUND.has(family);
}

/** Prometheus takes these labels from the pods; whoever scrapes Linkerd without its own configuration has to as well. */
function gapsOf(nameless: number): readonly string[] {
  if (nameless === 0) return [];
  const labels = OWNER_LABELS.slice(0, 3).join(', ');
  return [
    `${String(nameless)} groups of series do not name their workload (labels ${labels} ...): the scrape configuration lacks Linkerd's relabelling`,
  ];
}
