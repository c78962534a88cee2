import { KIND } from '../kubernetes/kinds.ts';
import { dataPlaneOf } from '../mesh/registry.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { AssessInput, OptionCost, Quantity } from './assessment.ts';
import { COST_FACTS, LATENCY_FACTS, type CostFacts, type Piece } from './data/cost-facts.ts';
import { workloadGaps } from './evidence/containers.ts';
import type { OptionId } from './option.ts';

type Counts = Readonly<Record<Piece['per'], Fact<number>>>;

const THERE = {
  sidecars: 'pods that run with a sidecar, and a control plane, are there already and not counted',
  others: 'a control plane is there already and not counted',
} as const;

/**
 * What an option would add in this world, in millicores and bytes; never a price. What runs already, pods with a proxy of
 * the option and its control plane, is no new cost.
 */
export function costOf({ world, detections }: AssessInput, option: OptionId): OptionCost {
  if (option === 'none') return { cpu: known(nothing('millicores')), memory: known(nothing('bytes')), notes: [] };
  const facts = COST_FACTS[option];
  const there = detections.some(({ mesh, state }) => state === 'active' && option.startsWith(mesh));
  const counts = countsOf(world, option, there);
  const notes = there && facts.pieces.length > 0 ? [THERE[option === 'istio-sidecar' ? 'sidecars' : 'others']] : [];
  return {
    cpu: facts.unknownCpu === undefined ? sum(facts, counts, 'millicores') : unknown(facts.unknownCpu),
    memory: facts.unknownMemory === undefined ? sum(facts, counts, 'bytes') : unknown(facts.unknownMemory),
    notes: [...notes, ...facts.notes],
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
  const formula = facts.pieces.map((piece) => termOf(piece, counts[piece.per], unit)).join(' + ');
  const { source, date, mark } = facts;
  return known({ low, high, unit, formula, source, date, mark });
}

const MIB = 1024 * 1024;

/** So many times what one piece takes: `54 pods x sidecar 100m`. */
function termOf(piece: Piece, count: Fact<number>, unit: 'millicores' | 'bytes'): string {
  const [divisor, name] = unit === 'bytes' ? [MIB, ' MiB'] : [1, 'm'];
  const [least, most] = piece[unit].map((value) => String(Math.round(value / divisor)));
  const each = `${least === most ? (least ?? '') : `${least ?? ''}-${most ?? ''}`}${name}`;
  const times = count.known ? count.value : 0;
  const counted = piece.per === 'cluster' ? String(times) : `${String(times)} ${piece.per}${times === 1 ? '' : 's'}`;
  return `${counted} x ${piece.what} ${each}`;
}

function countsOf(world: World, option: OptionId, there: boolean): Counts {
  const nodes = world.list(KIND.node);
  const workloads = workloadsOf(world).filter((workload) => !workload.template.hostNetwork);
  const [gap] = workloadGaps(world);
  const whole = <T>(value: T): Fact<T> => (gap === undefined ? known(value) : unknown(gap));
  const noNodes = nodes.gap ?? (nodes.objects.length === 0 ? 'no Node is here' : undefined);
  const meshed = (workload: Workload): number => (option === 'istio-sidecar' ? sidecarsOf(workload, world) : 0);
  return {
    pod: whole(workloads.reduce((total, workload) => total + Math.max(0, podsOf(workload) - meshed(workload)), 0)),
    node: noNodes === undefined ? known(nodes.objects.length) : unknown(noNodes),
    namespace: whole(new Set(workloads.map((workload) => workload.namespace)).size),
    cluster: known(there ? 0 : 1),
  };
}

/** Pods of the workload that run with a sidecar today. */
function sidecarsOf(workload: Workload, world: World): number {
  if (!workload.live.known) return 0;
  return workload.live.value
    .filter((cohort) => {
      const { mesh, mode } = dataPlaneOf(workload, cohort, world).dataPlane;
      return mesh === 'istio' && mode === 'sidecar';
    })
    .reduce((total, cohort) => total + cohort.pods, 0);
}

/** Pods at rest: asked for, or running where more of them run. */
function podsOf(workload: Workload): number {
  const asked = workload.replicas.known ? workload.replicas.value : 0;
  const live = workload.live.known ? workload.live.value.reduce((total, cohort) => total + cohort.pods, 0) : 0;
  return Math.max(asked, live);
}
