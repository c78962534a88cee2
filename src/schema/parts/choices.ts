import { z } from 'zod';
import { ACCEPTABLE_TRAPS, COEXISTING_MESHES, type Choices } from '../../domain/rollout/choices.ts';
import { describing } from '../same-type.ts';
import { count } from './words.ts';

const texts = z.record(z.string(), z.string());

/** What people decided about a rollout. */
export const choices = describing<Choices>()(
  z
    .object({
      owners: texts.describe('who answers for a namespace, by its name'),
      freezes: z.array(z.object({ from: z.string(), to: z.string(), reason: z.string() })),
      waves: z.object({
        maxWorkloads: z.exactOptional(count),
        maxTrafficShare: z.exactOptional(z.number()),
        first: z.exactOptional(z.array(z.string())),
        last: z.exactOptional(z.array(z.string())),
      }),
      exclude: z.array(z.object({ what: z.string(), reason: z.string() })),
      coexist: z.array(z.object({ mesh: z.enum(COEXISTING_MESHES), reason: z.string() })),
      slo: z.object({ errorRatio: z.exactOptional(z.number()), p99Milliseconds: z.exactOptional(z.number()) }),
      labels: texts,
      annotations: texts,
      waivers: z.array(z.object({ what: z.string(), reason: z.string(), owner: z.string(), expires: z.string() })),
      accepts: z.array(
        z.object({
          stage: z.string(),
          opens: z.string(),
          reason: z.string(),
          owner: z.string(),
          expires: z.string(),
        }),
      ),
      traps: z.array(
        z.object({
          trap: z.enum(ACCEPTABLE_TRAPS),
          what: z.string(),
          reason: z.string(),
          owner: z.string(),
          expires: z.string(),
        }),
      ),
      splitServiceAccounts: z.boolean(),
      meshWide: z.boolean(),
    })
    .meta({ id: 'Choices', description: 'What people decided about a rollout.' }),
);
