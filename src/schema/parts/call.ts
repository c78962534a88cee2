import { z } from 'zod';
import type { Call, CallEvidence, CallSource, CallTarget, SeenWire } from '../../domain/calls/call.ts';
import { describing } from '../same-type.ts';
import { workloadRef } from './references.ts';
import { count, port, time } from './words.ts';

/** What a call rests on, by strength. */
export const evidenceKind = z
  .enum(['observed', 'declared', 'inferred', 'exercised'])
  .describe('inferred calls may raise an alarm and never clear one');

/** What a watcher saw on the wire. */
export const seenWire = describing<SeenWire>()(
  z.enum(['mutual-tls', 'tls', 'plaintext']).describe('what was seen on the wire; tls is not the TLS of a mesh'),
);

const callEvidence = describing<CallEvidence>()(
  z
    .object({
      kind: evidenceKind,
      source: z.string().describe('where it was found, as calls.csv:12 or Ingress shop/front'),
      detail: z.string(),
      count: z.exactOptional(count),
      firstSeen: z.exactOptional(time),
      lastSeen: z.exactOptional(time),
      wire: z.exactOptional(seenWire),
      denied: z.exactOptional(count.describe('how many of the calls were refused')),
      seesUnmeshed: z.exactOptional(z.boolean()),
      failurePolicy: z.exactOptional(
        z.enum(['Fail', 'Ignore']).describe('of admission webhooks: what becomes of requests when the call fails'),
      ),
    })
    .meta({ id: 'CallEvidence' }),
);

const outsider = z.enum(['kubelet', 'prometheus', 'apiserver', 'load-balancer', 'internet', 'node', 'unknown']);

const callSource = describing<CallSource>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('workload'), workload: workloadRef }),
      z.object({ kind: z.literal('outsider'), who: outsider, detail: z.exactOptional(z.string()) }),
    ])
    .meta({ id: 'CallSource' }),
);

const servicePort = { namespace: z.string(), service: z.string(), port };

const callTarget = describing<CallTarget>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('service-port'), ...servicePort }),
      z.object({ kind: z.literal('headless-instance'), ...servicePort }),
      z.object({ kind: z.literal('pod-port'), workload: workloadRef, port }),
      z.object({ kind: z.literal('external-host'), host: z.string(), port: z.exactOptional(port) }),
    ])
    .meta({ id: 'CallTarget', description: 'By Service port, headless instance, pod address or outside host.' }),
);

/** Who calls whom, and how that is known. */
export const call = describing<Call>()(
  z
    .object({
      id: z.string().describe('made of its ends; equal for equal calls in every world'),
      from: callSource,
      to: callTarget,
      phase: z.enum(['start', 'run', 'stop', 'probe']),
      protocol: z.exactOptional(z.string()),
      request: z.exactOptional(z.object({ method: z.exactOptional(z.string()), path: z.exactOptional(z.string()) })),
      evidence: z.array(callEvidence),
      doubt: z.exactOptional(
        z.string().describe('why what the world says of its wire cannot be trusted: something else was seen there'),
      ),
    })
    .meta({ id: 'Call', description: 'Who calls whom, and how that is known.' }),
);
