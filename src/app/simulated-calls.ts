import { strongestEvidence, type Call, type CallGraph, type EvidenceKind } from '../domain/calls/call.ts';
import type { CallCoverage } from '../domain/calls/coverage.ts';
import { formatWorkload } from '../domain/world/workload.ts';
import { groupBy } from '../lib/order.ts';

/** Kinds of evidence that may be asked for, weakest first. */
export const EVIDENCE_LEVELS = ['inferred', 'declared', 'observed'] as const;

export type EvidenceLevel = (typeof EVIDENCE_LEVELS)[number];

/** The calls that count, and how many rest on less evidence than was asked for. */
export interface CountedCalls {
  readonly graph: CallGraph;
  readonly leftOut: number;
}

/** The calls of a graph that rest on evidence of a level and have an end in one of the namespaces; in any if none is given. */
export function countedCalls(graph: CallGraph, atLeast: EvidenceLevel, namespaces: readonly string[]): CountedCalls {
  const within = graph.calls.filter((call) => touches(call, namespaces));
  const calls = within.filter((call) => levelOf(strongestEvidence(call)) >= EVIDENCE_LEVELS.indexOf(atLeast));
  return { graph: { ...graph, calls }, leftOut: within.length - calls.length };
}

function levelOf(kind: EvidenceKind): number {
  return EVIDENCE_LEVELS.indexOf(kind === 'exercised' ? 'observed' : kind);
}

function touches({ from, to }: Call, namespaces: readonly string[]): boolean {
  if (namespaces.length === 0) return true;
  const ends = [
    from.kind === 'workload' ? from.workload.namespace : undefined,
    to.kind === 'pod-port' ? to.workload.namespace : to.kind === 'external-host' ? undefined : to.namespace,
  ];
  return ends.some((end) => end !== undefined && namespaces.includes(end));
}

/**
 * The coverage of the servers in some namespaces; of all if none is given. Callers that nobody could see stay, wherever
 * they run: they may call into these.
 */
export function coverageWithin(coverage: CallCoverage, namespaces: readonly string[]): CallCoverage {
  if (namespaces.length === 0) return coverage;
  const isWithin = ({ workload }: CallCoverage['ports'][number] | CallCoverage['blindTo'][number]): boolean =>
    namespaces.includes(workload.namespace);
  const ports = coverage.ports.filter(isWithin);
  const workloads = [...groupBy(ports, ({ workload }) => formatWorkload(workload)).values()];
  return {
    ...coverage,
    ports,
    counts: {
      ports: ports.length,
      observedPorts: ports.filter(({ observed }) => observed).length,
      workloads: workloads.length,
      observedWorkloads: workloads.filter((ofOne) => ofOne.every(({ observed }) => observed)).length,
    },
    blindTo: coverage.blindTo.filter(isWithin),
    withoutCaller: coverage.withoutCaller.filter(({ namespace }) => namespaces.includes(namespace)),
  };
}
