import { z } from 'zod';
import type { Autoscalers } from '../../domain/world/platform/autoscalers.ts';
import type { ClusterCapacity } from '../../domain/world/platform/capacity.ts';
import type { DisruptionBudget } from '../../domain/world/platform/disruption-budgets.ts';
import type { LimitRange, Quota } from '../../domain/world/platform/quotas.ts';
import { describing } from '../same-type.ts';
import { factOf } from './fact.ts';
import { count, textMap } from './words.ts';

const closed = z.enum(['virtual', 'cordoned', 'not-ready', 'tainted']);
const amount = factOf(z.object({ cpuMillicores: z.number(), memoryBytes: z.number(), pods: z.number() }));

/** Room on the nodes. */
export const capacity = describing<ClusterCapacity>()(
  z.object({
    nodes: factOf(
      z.array(
        z.object({
          node: z.string(),
          schedulable: z.boolean(),
          virtual: z.boolean(),
          closed: z.exactOptional(closed).describe('why it counts in no sum'),
          allocatable: amount,
          requested: amount,
          free: amount,
        }),
      ),
    ),
    allocatable: amount.describe('of the nodes that take new pods: ready machines, not cordoned, without a taint'),
    requested: amount.describe('on the same nodes'),
    free: amount.describe('on the same nodes; a node with too much promised counts as one with nothing left'),
    closed: factOf(z.array(z.object({ reason: closed, nodes: count }))),
    unscheduled: amount.describe('what pods without a node ask for'),
  }),
);

/** A ResourceQuota. */
export const quota = describing<Quota>()(
  z.object({
    namespace: z.string(),
    name: z.string(),
    resources: z.array(
      z.object({
        resource: z.string(),
        hard: z.string(),
        used: z.exactOptional(z.string()),
        left: z.exactOptional(z.number()).describe('in cores, bytes or objects'),
      }),
    ),
    scopes: z.array(z.string()),
    demands: z.array(z.string()).describe('what each container has to say, or the pod is refused'),
  }),
);

/** A LimitRange. */
export const limitRange = describing<LimitRange>()(
  z.object({
    namespace: z.string(),
    name: z.string(),
    limits: z.array(
      z.object({
        type: z.string(),
        default: textMap,
        defaultRequest: textMap,
        min: textMap,
        max: textMap,
        maxLimitRequestRatio: textMap,
      }),
    ),
  }),
);

const scaler = { namespace: z.string(), name: z.string(), target: z.string().describe('as Deployment/cart') };

/** What changes the number or the size of pods. */
export const autoscalers = describing<Autoscalers>()(
  z.object({
    horizontal: factOf(
      z.array(
        z.object({
          ...scaler,
          min: count,
          max: factOf(count),
          metrics: factOf(
            z.array(z.object({ type: z.string(), name: z.string(), target: z.string(), countsSidecars: z.boolean() })),
          ),
        }),
      ),
    ),
    vertical: factOf(z.array(z.object({ ...scaler, updateMode: z.string() }))),
    event: factOf(z.array(z.object({ ...scaler, min: count }))),
  }),
);

/** A PodDisruptionBudget. */
export const disruptionBudget = describing<DisruptionBudget>()(
  z.object({
    namespace: z.string(),
    name: z.string(),
    minAvailable: z.exactOptional(z.string()),
    maxUnavailable: z.exactOptional(z.string()),
    expectedPods: z.exactOptional(count),
    disruptionsAllowed: z.exactOptional(count),
    evictions: z.enum(['some', 'none-now', 'never', 'unknown']),
  }),
);
