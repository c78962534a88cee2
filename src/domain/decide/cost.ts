import { KIND } from '../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { OptionCost, Quantity } from './assessment.ts';
import { COST_FACTS, LATENCY_FACTS, type CostFacts, type Piece } from './data/cost-facts.ts';
import { workloadGaps } from './evidence/containers.ts';
import type { OptionId } from './option.ts';

type Counts = Readonly<Record<Piece['per'], Fact<number>>>;

/** What an option would reserve in this world, in millicores and bytes; never a price. */
export function costOf(world: World, option: OptionId): OptionCost {
  if (option === 'none') return { cpu: known(nothing('millicores')), memory: known(nothing('bytes')), notes: [] };
  const facts = COST_FACTS[option];
  const counts = countsOf(world);
  return {
    cpu: facts.unknownCpu === undefined ? sum(facts, counts, 'millicores') : unknown(facts.unknownCpu),
    memory: facts.unknownMemory === undefined ? sum(facts, counts, 'bytes') : unknown(facts.unknownMemory),
    notes: facts.notes,
  };
}

/** What one call takes longer with the option. */
export function latencyOf(option: OptionId): Fact<Quantity> {
  const facts = LATENCY_FACTS[option];
  if (facts === undefined) return known(nothing('ms'));
  const { low, high, source, date, mark } = facts;
  return known({ low, high, unit: 'ms', formula: `per call, p50 to p99: ${facts.note}`, source, date, mark });
}

function nothing(unit: Quantity['unit']): Quantity {
  return { low: 0, high: 0, unit, formula: 'nothing is added', source: 'no mesh', date: '2026-11-21', mark: 'P' };
}

function sum(facts: CostFacts, counts: Counts, unit: 'millicores' | 'bytes'): Fact<Quantity> {
  let low = 0;
  let high = 0;
  for (const piece of facts.pieces) {
    const count = counts[piece.per];
    if (!count.known) return count;
    low += piece[unit][0] * count.value;
    high += piece[unit][1] * count.value;
  }
  const formula = facts.pieces.map((piece) => `${piece.what} per ${piece.per}`).join(' + ');
  const { source, date, mark } = facts;
  return known({ low, high, unit, formula, source, date, mark });
}

function countsOf(world: World): Counts {
  const nodes = world.list(KIND.node);
  const workloads = workloadsOf(world).filter((workload) => !workload.template.hostNetwork);
  const [gap] = workloadGaps(world);
  const whole = <T>(value: T): Fact<T> => (gap === undefined ? known(value) : unknown(gap));
  const noNodes = nodes.gap ?? (nodes.objects.length === 0 ? 'no Node is here' : undefined);
  return {
    pod: whole(workloads.reduce((total, workload) => total + podsOf(workload), 0)),
    node: noNodes === undefined ? known(nodes.objects.length) : unknown(noNodes),
    namespace: whole(new Set(workloads.map((workload) => workload.namespace)).size),
    cluster: known(1),
  };
}

/** Pods at rest: asked for, or running where more of them run. */
function podsOf(workload: Workload): number {
  const asked = workload.replicas.known ? workload.replicas.value : 0;
  const live = workload.live.known ? workload.live.value.reduce((total, cohort) => total + cohort.pods, 0) : 0;
  return Math.max(asked, live);
}
