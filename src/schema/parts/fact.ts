import { z } from 'zod';

interface FactShape<V extends z.ZodType> {
  readonly known: z.ZodObject<{ known: z.ZodLiteral<true>; value: V }>;
  readonly unknown: z.ZodObject<{ known: z.ZodLiteral<false>; reason: z.ZodString }>;
}

/** A value that was read, or the reason why it is not known; takes the schema of the value. */
export function factOf<V extends z.ZodType>(
  value: V,
): z.ZodDiscriminatedUnion<[FactShape<V>['known'], FactShape<V>['unknown']], 'known'> {
  return z.discriminatedUnion('known', [
    z.object({ known: z.literal(true), value }),
    z.object({ known: z.literal(false), reason: z.string() }),
  ]);
}
