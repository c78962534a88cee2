import { at } from '../../../lib/json.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { cpuMillicores, memoryBytes } from '../../kubernetes/quantity.ts';
import { shapeOf } from '../fold-pods.ts';
import type { Container } from '../pod-shape.ts';

/** An amount of compute. */
export interface Compute {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

/** An amount of compute, and of pods. */
export interface Capacity extends Compute {
  readonly pods: number;
}

const NOTHING: Compute = { cpuMillicores: 0, memoryBytes: 0 };

/**
 * What the scheduler sets aside on a node for one pod of the object: the sum of its containers and native sidecars, or
 * the most that an init container needs together with the sidecars before it, if that is more; the pod's own requests
 * instead, where it has them; and the overhead of its runtime. Undefined where a request is no quantity.
 * Source: k8s.io/component-helpers/resource/helpers.go, PodRequests.
 */
export function podRequests(pod: KubeObject): Compute | undefined {
  const shape = shapeOf(pod);
  let [sidecars, highest]: [Compute, Compute] = [NOTHING, NOTHING];
  for (const container of shape.initContainers) {
    const own = containerRequests(container);
    if (own === undefined) return undefined;
    const needed = plus(sidecars, own);
    if (container.restartPolicy === 'Always') sidecars = needed;
    highest = most(highest, needed);
  }
  let running = sidecars;
  for (const container of shape.containers) {
    const own = containerRequests(container);
    if (own === undefined) return undefined;
    running = plus(running, own);
  }
  const ofContainers = most(running, highest);
  const requests = amountIn(at(pod.spec, 'resources', 'requests'), ofContainers);
  const overhead = amountIn(at(pod.spec, 'overhead'), NOTHING);
  return requests === undefined || overhead === undefined ? undefined : plus(requests, overhead);
}

/** The API server sets a request that is missing to the limit. */
function containerRequests({ requests, limits }: Container): Compute | undefined {
  const ofLimits = amountIn(limits, NOTHING);
  return ofLimits && amountIn(requests, ofLimits);
}

/** The amount in a list of resources, by resource; what is not in it is as given. */
function amountIn(resources: unknown, otherwise: Compute): Compute | undefined {
  const [cpu, memory] = [at(resources, 'cpu'), at(resources, 'memory')];
  const ofCpu = cpu === undefined ? otherwise.cpuMillicores : cpuMillicores(cpu);
  const ofMemory = memory === undefined ? otherwise.memoryBytes : memoryBytes(memory);
  if (ofCpu === undefined || ofMemory === undefined || ofCpu < 0 || ofMemory < 0) return undefined;
  return { cpuMillicores: ofCpu, memoryBytes: ofMemory };
}

/** The sum of two amounts. */
export function plus(left: Compute, right: Compute): Compute {
  return {
    cpuMillicores: left.cpuMillicores + right.cpuMillicores,
    memoryBytes: left.memoryBytes + right.memoryBytes,
  };
}

function most(left: Compute, right: Compute): Compute {
  return {
    cpuMillicores: Math.max(left.cpuMillicores, right.cpuMillicores),
    memoryBytes: Math.max(left.memoryBytes, right.memoryBytes),
  };
}
