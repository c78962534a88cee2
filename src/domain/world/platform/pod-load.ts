import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../fact.ts';
import { foldOf } from '../fold-pods.ts';
import type { World } from '../world.ts';
import { podRequests, type Capacity, type Compute } from './pod-requests.ts';

/** What pods ask for where they run. Pods that finished are not in a world and count nowhere, as for the scheduler. */
export interface PodLoad {
  readonly byNode: ReadonlyMap<string, Capacity>;
  /** What pods without a node ask for. */
  readonly waiting: Capacity;
}

/** What the pods ask for by node; unknown where pods were not read whole, or a part of them does not say. */
export function podLoad(world: World): Fact<PodLoad> {
  const { objects, gap } = world.list(KIND.pod);
  if (gap !== undefined) return unknown(gap);
  if (world.coverage.basis === 'declared') return unknown('manifests do not say which pods run');
  const byNode = new Map<string, Capacity>();
  const rest = { cpuMillicores: 0, memoryBytes: 0, pods: 0 };
  for (const pod of objects) {
    const requests = podRequests(pod);
    if (requests === undefined) return unknown(`a request of ${formatRef(refOf(pod))} is no quantity`);
    const waiting = addTo(byNode, pod, requests);
    if (waiting === undefined) return unknown(`where ${formatRef(refOf(pod))} and others like it run was not kept`);
    add(rest, requests, waiting);
  }
  return known({ byNode, waiting: rest });
}

/** Adds the pods of a class to their nodes and gives how many have none; undefined where their nodes are not known. */
function addTo(byNode: Map<string, Capacity>, pod: KubeObject, requests: Compute): number | undefined {
  const { nodes, pods, shape } = foldOf(pod);
  if (nodes === undefined || shape !== undefined) return undefined;
  let waiting = pods;
  for (const { node, pods: here } of nodes) {
    const sum = { ...(byNode.get(node) ?? { cpuMillicores: 0, memoryBytes: 0, pods: 0 }) };
    add(sum, requests, here);
    byNode.set(node, sum);
    waiting -= here;
  }
  return waiting < 0 ? undefined : waiting;
}

function add(sum: { pods: number; cpuMillicores: number; memoryBytes: number }, one: Compute, times: number): void {
  sum.pods += times;
  sum.cpuMillicores += one.cpuMillicores * times;
  sum.memoryBytes += one.memoryBytes * times;
}
