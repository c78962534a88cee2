import { z } from 'zod';
import type { CallRow } from '../../domain/calls/call.ts';
import { time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

/** One call that was seen, as people write it. */
export const observedCall = describing<Omit<CallRow, 'source'>>()(
  z
    .strictObject({
      clientNamespace: z.exactOptional(z.string()),
      clientKind: z.exactOptional(z.string().describe('Deployment, CronJob, ...; left out where the name says enough')),
      client: z.string().regex(/\S/).describe('name of the workload that calls'),
      serviceNamespace: z.exactOptional(z.string()),
      service: z.string().regex(/\S/).describe('name of the Service that is called'),
      port: z.int().min(1).max(65_535).describe('port of the Service'),
      protocol: z.exactOptional(z.string().describe('http, grpc, tcp, tls, mysql, ...')),
      method: z.exactOptional(z.string()),
      path: z.exactOptional(z.string()),
      count: z.exactOptional(z.int().min(0)),
      firstSeen: z.exactOptional(time),
      lastSeen: z.exactOptional(time),
    })
    .meta({ id: 'ObservedCall', description: 'One call that was seen.' }),
);

/** When calls were watched. */
export const watchWindow = z
  .strictObject({ from: time, to: time })
  .describe('the span of time over which calls were watched');

const file = z
  .strictObject({
    window: z.exactOptional(watchWindow),
    seesUnmeshed: z.exactOptional(
      z.boolean().describe('whether the watcher also sees callers outside a mesh; false if not given'),
    ),
    calls: z.array(observedCall),
  })
  .meta({ id: 'ObservedCalls' });

/** What `--calls` reads as JSON: a file with its window, or a bare list. */
export const callsFile = z.union([file, z.array(observedCall)]);
