import { at } from '../../../lib/json.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { cpuMillicores, memoryBytes, parseQuantity } from '../../kubernetes/quantity.ts';
import { known, mapFact, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { closedReason, isUnschedulable, nodesOf, virtualKind, type Closed } from './nodes.ts';
import { podLoad, type PodLoad } from './pod-load.ts';
import { plus, type Capacity } from './pod-requests.ts';

/** What a node offers to pods, what its pods ask for, and what is left of it (negative where too much is promised). */
export interface NodeCapacity {
  readonly node: string;
  readonly schedulable: boolean;
  readonly virtual: boolean;
  /** Why it counts in no sum: it takes no pod, or none that does not tolerate its taint. */
  readonly closed?: Closed;
  readonly allocatable: Fact<Capacity>;
  readonly requested: Fact<Capacity>;
  readonly free: Fact<Capacity>;
}

/** How many nodes count in no sum for one reason. */
export interface ClosedNodes {
  readonly reason: Closed;
  readonly nodes: number;
}

/**
 * Room on the nodes, as the scheduler counts it. What is offered, asked for and free in all is of the same nodes: those
 * that take new pods, which are machines that are ready, not cordoned and without a taint to tolerate.
 */
export interface ClusterCapacity {
  readonly nodes: Fact<readonly NodeCapacity[]>;
  readonly allocatable: Fact<Capacity>;
  readonly requested: Fact<Capacity>;
  /** A node to which more was promised than it has counts as one with nothing left. */
  readonly free: Fact<Capacity>;
  /** The nodes that count in no sum, by reason. */
  readonly closed: Fact<readonly ClosedNodes[]>;
  /** Pods that wait for a node, and what they ask for. */
  readonly unscheduled: Fact<Capacity>;
}

const NOTHING: Capacity = { cpuMillicores: 0, memoryBytes: 0, pods: 0 };

/** What the nodes offer and what the pods on them ask for, by node and in all. */
export function capacityOf(world: World): ClusterCapacity {
  const nodes = nodesOf(world);
  const load = podLoad(world);
  const unscheduled = mapFact(load, ({ waiting }) => waiting);
  if (!nodes.known) return { nodes, allocatable: nodes, requested: nodes, free: nodes, closed: nodes, unscheduled };
  const rows = nodes.value.map((node) => rowOf(node, load));
  const open = rows.filter(({ closed }) => closed === undefined);
  return {
    nodes: known(rows),
    allocatable: sumOf(open.map(({ allocatable }) => allocatable)),
    requested: sumOf(open.map(({ requested }) => requested)),
    free: sumOf(open.map(({ free }) => mapFact(free, atLeastNothing))),
    closed: known(closedNodes(rows)),
    unscheduled,
  };
}

/** The sum of two amounts. */
export function together(left: Capacity, right: Capacity): Capacity {
  return { ...plus(left, right), pods: left.pods + right.pods };
}

function closedNodes(rows: readonly NodeCapacity[]): readonly ClosedNodes[] {
  return (['cordoned', 'not-ready', 'tainted', 'virtual'] as const).flatMap((reason) => {
    const nodes = rows.filter(({ closed }) => closed === reason).length;
    return nodes === 0 ? [] : [{ reason, nodes }];
  });
}

function atLeastNothing({ cpuMillicores: cpu, memoryBytes: memory, pods }: Capacity): Capacity {
  return { cpuMillicores: Math.max(0, cpu), memoryBytes: Math.max(0, memory), pods: Math.max(0, pods) };
}

function rowOf(node: KubeObject, load: Fact<PodLoad>): NodeCapacity {
  const { name } = node.metadata;
  const allocatable = allocatableOf(node);
  const closed = closedReason(node);
  const requested = mapFact(load, ({ byNode }) => byNode.get(name) ?? NOTHING);
  return {
    node: name,
    schedulable: !isUnschedulable(node),
    virtual: virtualKind(node) !== undefined,
    ...(closed === undefined ? {} : { closed }),
    allocatable,
    requested,
    free: freeOf(allocatable, requested),
  };
}

function freeOf(allocatable: Fact<Capacity>, requested: Fact<Capacity>): Fact<Capacity> {
  if (!allocatable.known) return allocatable;
  return mapFact(requested, ({ cpuMillicores: cpu, memoryBytes: memory, pods }) => ({
    cpuMillicores: allocatable.value.cpuMillicores - cpu,
    memoryBytes: allocatable.value.memoryBytes - memory,
    pods: allocatable.value.pods - pods,
  }));
}

function allocatableOf({ status, metadata }: KubeObject): Fact<Capacity> {
  const cpu = cpuMillicores(at(status, 'allocatable', 'cpu'));
  const memory = memoryBytes(at(status, 'allocatable', 'memory'));
  const pods = parseQuantity(at(status, 'allocatable', 'pods'));
  if (cpu === undefined || memory === undefined || pods === undefined)
    return unknown(`Node ${metadata.name} does not say what it offers`);
  if (cpu < 0 || memory < 0 || pods < 0) return unknown(`Node ${metadata.name} offers less than nothing`);
  return known({ cpuMillicores: cpu, memoryBytes: memory, pods });
}

/** A sum is known only where every part of it is. */
function sumOf(facts: readonly Fact<Capacity>[]): Fact<Capacity> {
  let sum = NOTHING;
  for (const fact of facts) {
    if (!fact.known) return fact;
    sum = together(sum, fact.value);
  }
  return known(sum);
}
