import { z } from 'zod';
import type { Waiver } from '../../domain/checks/check.ts';
import {
  ACCEPTABLE_TRAPS,
  COEXISTING_MESHES,
  LABEL_KEY,
  LABEL_VALUE,
  NAMESPACE_NAME,
  NAMESPACE_OR_WORKLOAD,
  type Choices,
} from '../../domain/rollout/choices.ts';
import { describing } from '../same-type.ts';

const filled = z.string().regex(/\S/);

const day = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Without an end nobody looks at an exception again. */
const expires = day.describe('RFC 3339 date or time after which it no longer holds');

const waiver = describing<Waiver>()(
  z
    .strictObject({
      check: z
        .string()
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        .describe('id of the check, as meshwise check prints it'),
      object: z.exactOptional(filled.describe('the object as findings name it, Deployment shop/cart; absent for all')),
      reason: filled,
      owner: filled,
      expires,
    })
    .meta({ id: 'Waiver', description: 'A finding that somebody accepts, with the reason, for a time.' }),
);

const namespaceName = z.string().regex(NAMESPACE_NAME);
const named = z
  .string()
  .regex(NAMESPACE_OR_WORKLOAD)
  .describe('a namespace, shop, or a workload, shop/Deployment/cart');
const share = z.number().gt(0).max(1);
const word = { reason: filled, owner: filled, expires };
const labelKey = z.string().regex(LABEL_KEY);

/** What people decide about a rollout, each part of it if they like. */
const plan = describing<Partial<Choices>>()(
  z
    .strictObject({
      owners: z.exactOptional(z.record(namespaceName, filled).describe('who answers for a namespace, by its name')),
      freezes: z.exactOptional(
        z
          .array(z.strictObject({ from: day, to: day, reason: filled }))
          .describe('spans in which nothing may be applied; a date is its whole day in UTC'),
      ),
      waves: z.exactOptional(
        z.strictObject({
          maxWorkloads: z.exactOptional(z.int().min(1).describe('workloads in a wave, at most')),
          maxTrafficShare: z.exactOptional(share.describe('share of the counted traffic that a wave may touch')),
          first: z.exactOptional(z.array(namespaceName).describe('namespaces that come first, in this order')),
          last: z.exactOptional(z.array(namespaceName).describe('namespaces that come last, in this order')),
        }),
      ),
      exclude: z.exactOptional(
        z.array(z.strictObject({ what: named, reason: filled })).describe('what the plan leaves alone'),
      ),
      coexist: z.exactOptional(
        z
          .array(z.strictObject({ mesh: z.enum(COEXISTING_MESHES), reason: filled }))
          .describe('meshes beside which the plan goes on, whose workloads it leaves alone'),
      ),
      slo: z.exactOptional(
        z
          .strictObject({
            errorRatio: z.exactOptional(share.describe('failed requests of all')),
            p99Milliseconds: z.exactOptional(z.number().gt(0)),
          })
          .describe('what gates hold a workload to'),
      ),
      labels: z.exactOptional(
        z.record(labelKey, z.string().regex(LABEL_VALUE)).describe('labels that every generated object carries'),
      ),
      annotations: z.exactOptional(
        z.record(labelKey, filled).describe('annotations that every generated object carries'),
      ),
      waivers: z.exactOptional(
        z
          .array(z.strictObject({ what: named, ...word }))
          .describe('whose calls are known well enough by the word of somebody, for a time'),
      ),
      accepts: z.exactOptional(
        z
          .array(
            z.strictObject({
              stage: filled.describe('id of the stage that opens'),
              opens: filled.describe('the opening as the stage states it, or the beginning of it'),
              ...word,
            }),
          )
          .describe('what a stage may open that is shut today, for a time'),
      ),
      traps: z.exactOptional(
        z
          .array(z.strictObject({ trap: z.enum(ACCEPTABLE_TRAPS), what: named, ...word }))
          .describe('traps that stop a stage and do not matter there by the word of somebody, for a time'),
      ),
      splitServiceAccounts: z.exactOptional(
        z.boolean().describe('split shared service accounts, as stages of their own'),
      ),
      meshWide: z.exactOptional(z.boolean().describe('end with stages for the whole mesh')),
    })
    .meta({ id: 'PlanChoices', description: 'What people decide about a rollout.' }),
);

/** What meshwise.yaml may hold; any other key is an error. */
export const config = z.strictObject({
  waivers: z.exactOptional(z.array(waiver)),
  plan: z.exactOptional(plan),
});
