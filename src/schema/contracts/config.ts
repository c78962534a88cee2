import { z } from 'zod';
import type { Waiver } from '../../domain/checks/check.ts';
import { describing } from '../same-type.ts';

const filled = z.string().regex(/\S/);

/** Without an end nobody looks at an exception again. */
const expires = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('RFC 3339 date or time after which it no longer holds');

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

/** What meshwise.yaml may hold; any other key is an error. */
export const config = z.strictObject({
  waivers: z.exactOptional(z.array(waiver)),
});
