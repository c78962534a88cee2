import { z } from 'zod';
import type { AdmissionPolicies } from '../../domain/world/platform/admission-policies.ts';
import type { Webhook, Webhooks } from '../../domain/world/platform/webhooks.ts';
import { describing } from '../same-type.ts';
import { factOf } from './fact.ts';
import { workloadRef } from './references.ts';
import { count } from './words.ts';

const webhook = describing<Webhook>()(
  z
    .object({
      configuration: z.string(),
      name: z.string(),
      failurePolicy: z.string(),
      timeoutSeconds: count,
      operations: z.array(z.string()),
      resources: z.array(z.string()).describe('as pods, apps/deployments'),
      everyNamespace: z.boolean(),
      everyObject: z.boolean(),
      server: z.discriminatedUnion('at', [
        z.object({
          at: z.literal('service'),
          namespace: z.string(),
          name: z.string(),
          workloads: factOf(z.array(workloadRef)).describe('those behind the Service'),
        }),
        z.object({ at: z.literal('url'), host: z.string() }),
        z.object({ at: z.literal('unknown') }),
      ]),
    })
    .meta({ id: 'Webhook', description: 'What the API server asks before it stores an object.' }),
);

/** The admission webhooks. */
export const webhooks = describing<Webhooks>()(
  z.object({ mutating: factOf(z.array(webhook)), validating: factOf(z.array(webhook)) }),
);

/** Policy engines, and the policies of the API server itself. */
export const admissionPolicies = describing<AdmissionPolicies>()(
  z.object({
    engines: z.array(z.object({ component: z.string(), mutates: factOf(z.boolean()), validates: factOf(z.boolean()) })),
    validating: factOf(z.array(z.string())),
    mutating: factOf(z.array(z.string())),
  }),
);
