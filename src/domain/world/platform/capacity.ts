import { at } from '../../../lib/json.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { cpuMillicores, memoryBytes, parseQuantity } from '../../kubernetes/quantity.ts';
import { known, mapFact, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { isUnschedulable, nodesOf, virtualKind } from './nodes.ts';
import { podLoad, type PodLoad } from './pod-load.ts';
import { plus, type Capacity } from './pod-requests.ts';

/** What a node offers to pods, what its pods ask for, and what is left of it (negative where too much is promised). */
export interface NodeCapacity {
  readonly node: string;
  readonly schedulable: boolean;
  readonly virtual: boolean;
  readonly allocatable: Fact<Capacity>;
  readonly requested: Fact<Capacity>;
  readonly free: Fact<Capacity>;
}

/** Room on the nodes, as the scheduler counts it. */
export interface ClusterCapacity {
  readonly nodes: Fact<readonly NodeCapacity[]>;
  /** All nodes together. */
  readonly allocatable: Fact<Capacity>;
  readonly requested: Fact<Capacity>;
  /** On machines that take new pods: neither cordoned nor virtual. */
  readonly free: Fact<Capacity>;
  /** Pods that wait for a node, and what they ask for. */
  readonly unscheduled: Fact<Capacity>;
}

const NOTHING: Capacity = { cpuMillicores: 0, memoryBytes: 0, pods: 0 };

/** What the nodes offer and what the pods on them ask for, by node and in all. */
export function capacityOf(world: World): ClusterCapacity {
  const nodes = nodesOf(world);
  const load = podLoad(world);
  const unscheduled = mapFact(load, ({ waiting }) => waiting);
  if (!nodes.known) return { nodes, allocatable: nodes, requested: nodes, free: nodes, unscheduled };
  const rows = nodes.value.map((node) => rowOf(node, load));
  const open = rows.filter(({ schedulable, virtual }) => schedulable && !virtual);
  return {
    nodes: known(rows),
    allocatable: sumOf(rows.map(({ allocatable }) => allocatable)),
    requested: sumOf(rows.map(({ requested }) => requested)),
    free: sumOf(open.map(({ free }) => free)),
    unscheduled,
  };
}

/** The sum of two amounts. */
export function together(left: Capacity, right: Capacity): Capacity {
  return { ...plus(left, right), pods: left.pods + right.pods };
}

function rowOf(node: KubeObject, load: Fact<PodLoad>): NodeCapacity {
  const { name } = node.metadata;
  const allocatable = allocatableOf(node);
  const requested = mapFact(load, ({ byNode }) => byNode.get(name) ?? NOTHING);
  return {
    node: name,
    schedulable: !isUnschedulable(node),
    virtual: virtualKind(node) !== undefined,
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
