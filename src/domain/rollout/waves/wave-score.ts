import { compareText } from '../../../lib/order.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';
import type { WaveChoices } from '../choices.ts';
import type { Planning } from '../planning.ts';
import { findingsAt } from '../preflight.ts';
import { callsAt, countedTraffic, countOf } from './wave-traffic.ts';
import { clientsOf, clientsOfNamed } from './wave-order.ts';

/** How much hangs on a workload; each part from 0 (least of the plan) to 1 (most). */
export interface WaveScore {
  /** Who rests on it within two calls, whether outsiders call it, whether it keeps state. */
  readonly criticality: number;
  /** Workloads that call it. */
  readonly fanIn: number;
  /** What the checks found at it. */
  readonly blockers: number;
  /** Its part of the counted traffic. */
  readonly traffic: number;
  readonly total: number;
}

/** The scores of all workloads of a plan, by formatted reference. */
export type Scores = ReadonlyMap<string, WaveScore>;

const WEIGHTS = { criticality: 0.4, fanIn: 0.25, blockers: 0.2, traffic: 0.15 } as const;
const NO_SCORE: WaveScore = { criticality: 0, fanIn: 0, blockers: 0, traffic: 0, total: 0 };

/** Weighs the workloads of a plan against each other. The weights are our own judgement. */
export function scoresOf(planning: Planning, members: ReadonlyMap<string, readonly Workload[]>): Scores {
  const { index } = planning;
  const raw = [...members.values()].flat().map((workload) => ({
    key: formatWorkload(workload),
    dependents: dependentsOf(index, workload),
    isEntry: isCalledFromOutside(index, workload),
    keepsState: workload.kind === 'StatefulSet',
    fanIn: clientsOf(index, workload).length,
    blockers: findingsAt(planning, workload),
    traffic: callsAt(index, workload).reduce((sum, call) => sum + countOf(call), 0) / (countedTraffic(index) || 1),
  }));
  const most = (pick: (row: (typeof raw)[number]) => number): number =>
    raw.reduce((largest, row) => Math.max(largest, pick(row)), 0) || 1;
  const tops = {
    dependents: most(({ dependents }) => dependents),
    fanIn: most(({ fanIn }) => fanIn),
    blockers: most(({ blockers }) => blockers),
    traffic: most(({ traffic }) => traffic),
  };
  return new Map(
    raw.map((row) => {
      const parts = {
        criticality: 0.5 * (row.dependents / tops.dependents) + (row.isEntry ? 0.25 : 0) + (row.keepsState ? 0.25 : 0),
        fanIn: row.fanIn / tops.fanIn,
        blockers: row.blockers / tops.blockers,
        traffic: row.traffic / tops.traffic,
      };
      return [row.key, { ...parts, total: weighed(parts) }];
    }),
  );
}

function weighed(parts: Omit<WaveScore, 'total'>): number {
  return (
    WEIGHTS.criticality * parts.criticality +
    WEIGHTS.fanIn * parts.fanIn +
    WEIGHTS.blockers * parts.blockers +
    WEIGHTS.traffic * parts.traffic
  );
}

/** Workloads that call it, and those that call these. */
function dependentsOf(index: CallIndex, workload: Workload): number {
  const key = formatWorkload(workload);
  const direct = clientsOfNamed(index, key);
  const found = new Set([...direct, ...direct.flatMap((client) => clientsOfNamed(index, client))]);
  found.delete(key);
  return found.size;
}

const OUTSIDE: ReadonlySet<string> = new Set(['internet', 'load-balancer', 'apiserver']);

function isCalledFromOutside(index: CallIndex, workload: Workload): boolean {
  return callsAt(index, workload).some(({ from }) => from.kind === 'outsider' && OUTSIDE.has(from.who));
}

/** The score of a workload of the plan. */
export function scoreOf(scores: Scores, workload: Workload): WaveScore {
  return scores.get(formatWorkload(workload)) ?? NO_SCORE;
}

/** The workloads on which least hangs first. */
export function byScore(scores: Scores, workloads: readonly Workload[]): readonly Workload[] {
  return [...workloads].sort(
    (left, right) =>
      scoreOf(scores, left).total - scoreOf(scores, right).total ||
      compareText(formatWorkload(left), formatWorkload(right)),
  );
}

/** The namespaces on which least hangs first, between those that people put first and last. */
export function namespacesByScore(
  scores: Scores,
  members: ReadonlyMap<string, readonly Workload[]>,
  { first = [], last = [] }: WaveChoices,
): readonly string[] {
  const weights = new Map(
    [...members].map(([namespace, workloads]) => [
      namespace,
      workloads.reduce((sum, workload) => sum + scoreOf(scores, workload).total, 0),
    ]),
  );
  const place = (namespace: string): number => {
    const early = first.indexOf(namespace);
    if (early >= 0) return early - first.length;
    return last.indexOf(namespace) + 1;
  };
  return [...members.keys()].sort(
    (left, right) =>
      place(left) - place(right) || (weights.get(left) ?? 0) - (weights.get(right) ?? 0) || compareText(left, right),
  );
}

/** Tells whether no more hangs on a workload than on half of the plan's workloads. */
export function lowRiskOf(scores: Scores): (workload: Workload) => boolean {
  const totals = [...scores.values()].map(({ total }) => total).sort((left, right) => left - right);
  const median = totals[Math.floor((totals.length - 1) / 2)] ?? 0;
  return (workload) => scoreOf(scores, workload).total <= median;
}
