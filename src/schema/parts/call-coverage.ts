import { z } from 'zod';
import type { StaleSighting, YoungWorkload } from '../../domain/calls/coverage-age.ts';
import type { BlindPort, CallCoverage, CoveredWindow, PortCoverage } from '../../domain/calls/coverage.ts';
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
      gaps: z.exactOptional(z.array(z.string()).describe('what the watcher could not see')),
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

const blindPort = describing<BlindPort>()(
  z
    .object({
      workload: workloadRef,
      port: port.describe('container port'),
      sources: z.array(z.string()).describe('the watchers that observed it'),
    })
    .meta({ id: 'BlindPort', description: 'A port whose callers outside a mesh no watcher could see.' }),
);

const youngWorkload = describing<YoungWorkload>()(
  z
    .object({
      workload: workloadRef,
      since: z.exactOptional(time.describe('since when it is there, or has its present template')),
      reason: z.string(),
    })
    .meta({
      id: 'YoungWorkload',
      description: 'A workload that the longest window did not see whole, or may not have.',
    }),
);

const staleSighting = describing<StaleSighting>()(
  z
    .object({
      workload: workloadRef,
      port: z.exactOptional(port.describe('container port that was called; absent where the workload calls')),
      lastSeen: time,
      since: time.describe('since when the workload has its present template'),
    })
    .meta({ id: 'StaleSighting', description: 'What was seen only before a workload had its present template.' }),
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
      blindTo: z.array(blindPort).describe('ports whose callers outside a mesh nobody could see'),
      youngerThanWindow: z.array(youngWorkload),
      stale: z.array(staleSighting),
      unread: z.array(z.object({ kind: z.string(), reason: z.string() })),
    })
    .meta({ id: 'CallCoverage', description: 'How much of who calls whom is known.' }),
);
