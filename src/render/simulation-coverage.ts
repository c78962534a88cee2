import type { CallCoverage } from '../domain/calls/coverage.ts';
import { formatWorkload, type WorkloadRef } from '../domain/world/workload.ts';
import { sortedUnique } from '../lib/order.ts';
import { countOf, firstFew } from './words.ts';

const FEW = 3;

/** How much of who calls whom the answer rests on, one sentence each: what was watched, and what nobody could see. */
export function coverageLines(coverage: CallCoverage): readonly string[] {
  return [
    sharesLine(coverage),
    ...windowLines(coverage),
    ...named('runs too seldom to be seen in it', 'run too seldom to be seen in it', coverage.unobservable),
    ...named('may be younger than it', 'may be younger than it', coverage.youngerThanWindow),
    ...blindLine(coverage),
    ...named(
      'was seen only before its present template',
      'were seen only before their present template',
      coverage.stale,
    ),
    ...unreadLine(coverage),
  ];
}

/** How many ports were observed, in one sentence that never says that the rest is safe. */
export function sharesLine({ counts }: Pick<CallCoverage, 'counts'>): string {
  const { ports, observedPorts } = counts;
  const share = ports === 0 ? '' : ` (${String(Math.floor((observedPorts * 100) / ports))} %)`;
  return `calls to ${String(observedPorts)} of ${countOf(ports, 'port')}${share} were observed; what nobody has seen is not cleared by this`;
}

function windowLines({ windows }: CallCoverage): readonly string[] {
  if (windows.length === 0) return ['nobody watched: all that is known of calls is declared or inferred'];
  const told = windows.map(({ source, from, to, seesUnmeshed }) => {
    const when = from === undefined || to === undefined ? 'at a time that it does not say' : `${from} to ${to}`;
    return `${source}, ${when}${seesUnmeshed ? '' : ', blind to callers outside the mesh'}`;
  });
  return [`watched by ${firstFew(told, FEW)}`];
}

function named(one: string, many: string, all: readonly { readonly workload: WorkloadRef }[]): readonly string[] {
  const names = sortedUnique(all.map(({ workload }) => formatWorkload(workload)));
  return names.length === 0
    ? []
    : [`${countOf(names.length, 'workload')} ${names.length === 1 ? one : many}: ${firstFew(names, FEW)}`];
}

function blindLine({ blindTo }: CallCoverage): readonly string[] {
  if (blindTo.length === 0) return [];
  return [`at ${countOf(blindTo.length, 'observed port')} no watcher could see callers outside the mesh`];
}

function unreadLine({ unread }: CallCoverage): readonly string[] {
  if (unread.length === 0) return [];
  const kinds = firstFew(
    unread.map(({ kind }) => kind),
    FEW,
  );
  return [`what these kinds would tell of calls is missing, because they were not read whole: ${kinds}`];
}
