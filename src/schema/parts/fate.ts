import { z } from 'zod';
import type { Fate, Verdict } from '../../domain/simulate/verdict.ts';
import { describing } from '../same-type.ts';
import { evidence } from './references.ts';
import { count } from './words.ts';

/** How a call fares. */
export const verdict = z
  .enum(['breaks', 'unknown', 'partial', 'degraded', 'ok'])
  .meta({ id: 'Verdict', description: 'partial: it breaks for some pods of its ends, and not surely for all' });

/** How many calls fare how. */
export const verdictCounts = describing<Readonly<Record<Verdict, number>>>()(
  z.object({ breaks: count, unknown: count, partial: count, degraded: count, ok: count }),
);

/** What is on the wire between how many pairs of cohorts. */
const wires = z
  .record(z.string(), count)
  .describe('what is on the wire between how many pairs of client and server cohorts; absent where all are alike');

/** The answers to what becomes of a call, kept apart, with what decides. */
export const fateFields = {
  verdict,
  wire: z.string(),
  wires: z.exactOptional(wires),
  identity: z.string().describe('the identity that the server sees; none, or unknown'),
  authorization: z.string(),
  why: z.string(),
  decidedBy: z.array(evidence),
};

/** What becomes of a call in one world. */
export const fate = describing<Fate>()(
  z
    .object({
      ...fateFields,
      cohorts: z.object({ looked: count, broken: count, unknown: count }),
    })
    .meta({ id: 'Fate', description: 'What becomes of a call in one world.' }),
);
