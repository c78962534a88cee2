import { z } from 'zod';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import type { ResultHead, SetAside } from '../../domain/world/result-head.ts';
import { describing } from '../same-type.ts';
import { apiVersion, count, time } from './words.ts';

/** What a world rests on. */
export const basis = z
  .enum(['live', 'snapshot', 'dump', 'declared'])
  .describe('what the world rests on; from declared (plain manifests), what is there is taken as all there will be');

/** How much of one kind was read. */
export const coverageEntry = describing<CoverageEntry>()(
  z
    .object({
      kind: z.string(),
      state: z
        .enum(['read', 'partial', 'forbidden', 'absent', 'unread'])
        .describe('absent: the cluster does not serve the kind; unread: nobody looked'),
      objects: count,
      reason: z.exactOptional(z.string()),
      namespaces: z.exactOptional(z.array(z.string()).describe('for partial: the namespaces that were read whole')),
      names: z.exactOptional(
        z.array(z.string()).describe('for partial: the objects that were asked for by name, there or not'),
      ),
    })
    .meta({ id: 'CoverageEntry', description: 'How much of one kind was read.' }),
);

/** A file that is not part of the world. */
export const setAside = describing<SetAside>()(
  z
    .object({ file: z.string(), line: z.exactOptional(count), code: z.string(), reason: z.string() })
    .meta({ id: 'SetAside', description: 'A file, or one document of it, that is not part of the world, and why.' }),
);

/** Lists of what was read, and what the reader found odd. */
export const coverage = z.array(coverageEntry);
export const warnings = z.array(z.string()).describe('what the reader found odd, and what was not read');

const head = {
  apiVersion,
  basis,
  taken: z.exactOptional(time.describe('when the world was read, RFC 3339; absent where nothing says')),
  coverage,
  warnings,
  setAside: z.array(setAside),
};

/** The members that every result begins with, for a result of the given kind. */
export function headOf<const K extends string>(kind: K): typeof head & { kind: z.ZodLiteral<K> } {
  return { ...head, kind: z.literal(kind) };
}

/** The head of a result whose kind is known. */
export type HeadOf<K extends string> = ResultHead & { readonly kind: K };
