import type { CallCoverage, CoveredWindow } from '../domain/calls/coverage.ts';
import { formatWorkload, type WorkloadRef } from '../domain/world/workload.ts';
import { sortedUnique } from '../lib/order.ts';
import type { Item } from './document.ts';
import { countOf, firstFew } from './words.ts';

const FEW = 3;

/**
 * How much of who calls whom the answer rests on, one sentence each: what was watched, under each watcher what it could
 * not see, and what nobody could see.
 */
export function coverageItems(coverage: CallCoverage): readonly Item[] {
  const sentences = [
    ...named('runs too seldom to be surely seen', 'run too seldom to be surely seen', coverage.unobservable),
    ...named(
      'may be younger than the longest watch',
      'may be younger than the longest watch',
      coverage.youngerThanWindow,
    ),
    ...blindLine(coverage),
    ...named(
      'was seen only before its present template',
      'were seen only before their present template',
      coverage.stale,
    ),
    ...unreadLine(coverage),
  ];
  return [{ text: sharesLine(coverage) }, ...watcherItems(coverage), ...sentences.map((text) => ({ text }))];
}

/** How many ports were observed, in one sentence that never says that the rest is safe. */
export function sharesLine({ counts }: Pick<CallCoverage, 'counts'>): string {
  const { ports, observedPorts } = counts;
  const share = ports === 0 ? '' : ` (${String(Math.floor((observedPorts * 100) / ports))} %)`;
  return `calls to ${String(observedPorts)} of ${countOf(ports, 'port')}${share} were observed; what nobody has seen is not cleared by this`;
}

/** Those with gaps first: no gap may hide behind the watchers that are only counted. */
function watcherItems({ windows }: CallCoverage): readonly Item[] {
  if (windows.length === 0) return [{ text: 'nobody watched: all that is known of calls is declared or inferred' }];
  const whole = windows.filter(({ gaps = [] }) => gaps.length === 0);
  const withGaps = windows.filter((window) => !whole.includes(window));
  return cutItems([...withGaps, ...whole].map(watcherItem));
}

function watcherItem({ source, from, to, gaps = [] }: CoveredWindow): Item {
  const when = from === undefined || to === undefined ? 'at a time that it does not say' : `${from} to ${to}`;
  const watched = `watched by ${source}, ${when}`;
  if (gaps.length === 0) return { text: watched };
  return { text: `${watched}; but:`, tone: 'warn', items: cutItems(gaps.map((text) => ({ text }))) };
}

function cutItems(items: readonly Item[]): readonly Item[] {
  const more = items.length - FEW;
  return more <= 0 ? items : [...items.slice(0, FEW), { text: `and ${String(more)} more (-o json lists them)` }];
}

function named(one: string, many: string, all: readonly { readonly workload: WorkloadRef }[]): readonly string[] {
  const names = sortedUnique(all.map(({ workload }) => formatWorkload(workload)));
  return names.length === 0
    ? []
    : [`${countOf(names.length, 'workload')} ${names.length === 1 ? one : many}: ${firstFew(names, FEW)}`];
}

/** On which ports callers outside a mesh would not have been seen, in one line; none where there is no such port. */
export function blindLine({ blindTo }: Pick<CallCoverage, 'blindTo'>): readonly string[] {
  if (blindTo.length === 0) return [];
  const ports = blindTo.map(({ workload, port }) => `${formatWorkload(workload)}:${String(port)}`);
  return [
    `on ${countOf(ports.length, 'port')} callers outside a mesh would not have been seen: ${firstFew(ports, FEW)}`,
  ];
}

function unreadLine({ unread }: CallCoverage): readonly string[] {
  if (unread.length === 0) return [];
  const kinds = firstFew(
    unread.map(({ kind }) => kind),
    FEW,
  );
  return [`what these kinds would tell of calls is missing, because they were not read whole: ${kinds}`];
}
