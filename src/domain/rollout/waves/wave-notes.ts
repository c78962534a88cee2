import { sortedUnique } from '../../../lib/order.ts';
import type { Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';
import type { Planning } from '../planning.ts';
import { scoreOf, type Scores } from './wave-score.ts';
import { countedTraffic, protocolsAt, shareOf } from './wave-traffic.ts';
import { limitsOf } from './chunk-waves.ts';

/** The members of a wave with what they were sorted by. */
export interface Noted {
  readonly scores: Scores;
  readonly workloads: readonly Workload[];
  /** All workloads of the plan, for the pilot: what it does not meet is said. */
  readonly all: readonly Workload[];
  readonly isFirst: boolean;
}

/** Why these workloads make a wave, as paragraphs. */
export function waveNotes(planning: Planning, noted: Noted): readonly string[] {
  const { scores, workloads, isFirst } = noted;
  return [
    `Order by what hangs on a workload, least first (criticality 0.4, callers 0.25, findings 0.2, traffic 0.15): ${workloads.map((each) => scoreText(scores, each)).join('; ')}.`,
    trafficNote(planning, workloads),
    ...(isFirst ? [pilotNote(planning, noted)] : []),
  ];
}

function scoreText(scores: Scores, workload: Workload): string {
  const { total, criticality, fanIn, blockers, traffic } = scoreOf(scores, workload);
  const parts = [criticality, fanIn, blockers, traffic].map((part) => part.toFixed(2)).join(', ');
  return `${workload.name} ${total.toFixed(2)} (${parts})`;
}

function trafficNote({ index, input }: Planning, workloads: readonly Workload[]): string {
  if (countedTraffic(index) === 0)
    return 'No calls were counted, so nobody can say which share of the traffic this wave touches.';
  const share = shareOf(index, workloads);
  const { trafficShare } = limitsOf(input.choices.waves);
  const text = `Together they make or answer ${percent(share)} of the counted calls`;
  return share > trafficShare
    ? `${text}: more than the ${percent(trafficShare)} that a wave may touch, so the workload goes alone.`
    : `${text}; a wave may touch ${percent(trafficShare)}.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function pilotNote({ index }: Planning, { workloads, all }: Noted): string {
  const met = protocolsOf(index, workloads);
  const missing = protocolsOf(index, all).filter((protocol) => !met.includes(protocol));
  const what = met.length === 0 ? 'no protocol that anybody declared' : met.join(', ');
  return missing.length === 0
    ? `The pilot meets ${what}.`
    : `The pilot meets ${what}; ${missing.join(', ')} comes in a later wave, because no workload of this namespace on which little hangs speaks it.`;
}

function protocolsOf(index: CallIndex, workloads: readonly Workload[]): readonly string[] {
  return sortedUnique(workloads.flatMap((workload) => protocolsAt(index, workload)));
}
