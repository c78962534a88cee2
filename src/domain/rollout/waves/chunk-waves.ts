import type { Workload } from '../../world/workload.ts';
import type { CallIndex } from '../call-index.ts';
import type { WaveChoices } from '../choices.ts';
import { callsAt, countedTraffic, countOf, protocolsAt } from './wave-traffic.ts';

const MOST_WORKLOADS = 8;

/** Our own judgement: what a team can watch, and what may fail together. */
const LARGEST_SHARE = 0.2;

/** How much may go into one wave. */
export interface WaveLimits {
  readonly workloads: number;
  /** Of the counted traffic, from 0 to 1. */
  readonly trafficShare: number;
}

/** The limits that people chose, or ours. */
export function limitsOf({ maxWorkloads, maxTrafficShare }: WaveChoices): WaveLimits {
  return {
    workloads: Math.max(1, Math.floor(maxWorkloads ?? MOST_WORKLOADS)),
    trafficShare: maxTrafficShare ?? LARGEST_SHARE,
  };
}

/** The workloads in their order, in pieces that keep to the limits; a workload that does not keep to them alone is a piece of its own. */
export function chunkWaves(
  index: CallIndex,
  workloads: readonly Workload[],
  limits: WaveLimits,
): readonly (readonly Workload[])[] {
  const most = limits.trafficShare * countedTraffic(index);
  const chunks: Workload[][] = [];
  let touched = new Set<string>();
  let sum = 0;
  for (const workload of workloads) {
    const chunk = chunks.at(-1);
    const more = callsAt(index, workload).reduce((all, call) => all + (touched.has(call.id) ? 0 : countOf(call)), 0);
    const fits = chunk !== undefined && chunk.length < limits.workloads && sum + more <= most;
    if (fits) {
      chunk.push(workload);
      sum += more;
    } else {
      chunks.push([workload]);
      touched = new Set();
      sum = callsAt(index, workload).reduce((all, call) => all + countOf(call), 0);
    }
    for (const { id } of callsAt(index, workload)) touched.add(id);
  }
  return chunks;
}

/** The workloads with the first of each protocol among those that may be in a pilot before the others. */
export function eachProtocolFirst(
  index: CallIndex,
  workloads: readonly Workload[],
  mayPilot: (workload: Workload) => boolean,
): readonly Workload[] {
  const met = new Set<string>();
  const early = workloads.filter((workload) => {
    if (!mayPilot(workload)) return false;
    const fresh = protocolsAt(index, workload).filter((protocol) => !met.has(protocol));
    for (const protocol of fresh) met.add(protocol);
    return fresh.length > 0;
  });
  return [...early, ...workloads.filter((workload) => !early.includes(workload))];
}
