import { z } from 'zod';
import type { CallRow, SeenCall } from '../../domain/calls/call.ts';
import { seenWire } from '../parts/call.ts';
import { port, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const rowFields = {
  clientNamespace: z.exactOptional(z.string()),
  clientKind: z.exactOptional(z.string().describe('Deployment, CronJob, ...; left out where the name says enough')),
  client: z.string().regex(/\S/).describe('name of the workload that calls'),
  serviceNamespace: z.exactOptional(z.string()),
  protocol: z.exactOptional(z.string().describe('http, grpc, tcp, tls, mysql, ...')),
  method: z.exactOptional(z.string()),
  path: z.exactOptional(z.string()),
  count: z.exactOptional(z.int().min(0)),
  firstSeen: z.exactOptional(time),
  lastSeen: z.exactOptional(time),
};
const service = z.string().regex(/\S/).describe('name of the Service that is called');

/** One call that a watcher saw, with whatever it says of the ends. */
export const seenCall = describing<SeenCall>()(
  z.object({
    ...rowFields,
    source: z.string(),
    service: z.exactOptional(service),
    port: z.exactOptional(port.describe('port of the Service')),
    serverNamespace: z.exactOptional(z.string()),
    serverKind: z.exactOptional(z.string()),
    server: z.exactOptional(z.string().describe('name of the workload that answered')),
    targetPort: z.exactOptional(port.describe('container port')),
    clientIdentity: z.exactOptional(z.string().describe('the identity that the server was shown')),
    wire: z.exactOptional(seenWire),
    denied: z.exactOptional(z.int().min(0).describe('how many of the calls were refused')),
    seesUnmeshed: z.exactOptional(z.boolean().describe('whether callers outside a mesh would have been seen here too')),
  }),
);

/** One call that was seen, as people write it. */
export const observedCall = describing<Omit<CallRow, 'source'>>()(
  z
    .strictObject({ ...rowFields, service, port: z.int().min(1).max(65_535).describe('port of the Service') })
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
