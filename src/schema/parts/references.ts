import { z } from 'zod';
import type { ObjectRef } from '../../domain/kubernetes/object.ts';
import type { Evidence } from '../../domain/world/evidence.ts';
import type { WorkloadRef } from '../../domain/world/workload.ts';
import { describing } from '../same-type.ts';

/** Names a workload. */
export const workloadRef = describing<WorkloadRef>()(
  z
    .object({ namespace: z.string(), kind: z.string(), name: z.string() })
    .meta({ id: 'WorkloadRef', description: 'A workload; its kind without group, as Deployment.' }),
);

/** Names an object. */
export const objectRef = describing<ObjectRef>()(
  z.object({ kind: z.string(), namespace: z.exactOptional(z.string()), name: z.string() }).meta({
    id: 'ObjectRef',
    description: 'An object; its kind with the group, as security.istio.io/PeerAuthentication.',
  }),
);

/** What a claim rests on. */
export const evidence = describing<Evidence>()(
  z
    .object({
      object: z.exactOptional(objectRef),
      field: z.exactOptional(z.string().describe('path of the field, as spec.mtls.mode')),
      value: z.exactOptional(z.string().describe('the value found there, as text')),
      rule: z.string().describe('what follows from it'),
      source: z.exactOptional(z.string().describe('the upstream source of the rule')),
    })
    .meta({ id: 'Evidence', description: 'The object, field and rule behind a claim.' }),
);
