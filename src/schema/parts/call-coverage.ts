import { z } from 'zod';
import type { CallCoverage, CoveredWindow, PortCoverage } from '../../domain/calls/coverage.ts';
import type { TimedCaller } from '../../domain/calls/timed-callers.ts';
import { describing } from '../same-type.ts';
import { evidenceKind } from './call.ts';
import { workloadRef } from './references.ts';
import { count, port, time } from './words.ts';

const portCoverage = describing<PortCoverage>()(
  z
    .object({
      workload: workloadRef,
      port: port.describe('container port'),
      evidence: z.array(evidenceKind),
      observed: z.boolean(),
      observedUnmeshed: z.boolean().describe('whether a watcher that also sees callers outside a mesh observed one'),
      lastSeen: z.exactOptional(time),
      callers: z.array(z.string()),
      fromOutside: z.array(z.string()),
    })
    .meta({ id: 'PortCoverage', description: 'How well the callers of one container port are known.' }),
);

const coveredWindow = describing<CoveredWindow>()(
  z
    .object({
      source: z.string(),
      from: z.exactOptional(time),
      to: z.exactOptional(time),
      seesUnmeshed: z.boolean(),
      seconds: z.exactOptional(z.number().min(0)),
      longEnough: z.boolean(),
    })
    .meta({ id: 'CoveredWindow', description: 'A span of time over which calls were watched.' }),
);

const timedCaller = describing<TimedCaller>()(
  z
    .object({
      workload: workloadRef,
      schedule: z.exactOptional(z.string()),
      periodSeconds: z.exactOptional(z.number().min(0)),
      suspended: z.boolean(),
      reason: z.string(),
    })
    .meta({ id: 'TimedCaller', description: 'A CronJob that no window of observation vouches for.' }),
);

/** How much of who calls whom is known. */
export const callCoverage = describing<CallCoverage>()(
  z
    .object({
      ports: z.array(portCoverage),
      counts: z.object({ ports: count, observedPorts: count, workloads: count, observedWorkloads: count }),
      windows: z.array(coveredWindow),
      unobservable: z.array(timedCaller),
      withoutCaller: z.array(workloadRef).describe('workloads that listen and that nobody is known to call'),
      withoutServer: z.array(z.object({ call: z.string(), reason: z.string() })),
      unread: z.array(z.object({ kind: z.string(), reason: z.string() })),
    })
    .meta({ id: 'CallCoverage', description: 'How much of who calls whom is known.' }),
);
