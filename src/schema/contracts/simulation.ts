import { z } from 'zod';
import type { CallGraph } from '../../domain/calls/call.ts';
import type { CallCoverage } from '../../domain/calls/coverage.ts';
import type { Simulation } from '../../domain/simulate/simulate.ts';
import { callCoverage } from '../parts/call-coverage.ts';
import { call } from '../parts/call.ts';
import { fate, verdictCounts } from '../parts/fate.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { count } from '../parts/words.ts';
import { describing } from '../same-type.ts';

/** What `simulate` adds to the simulation itself. */
interface Followed {
  readonly cluster: string;
  readonly followed: number;
  readonly callCoverage: CallCoverage;
  readonly unresolved: CallGraph['unresolved'];
}

/** The result of `simulate`. */
export const simulation = describing<HeadOf<'Simulation'> & Simulation & Followed>()(
  z.object({
    ...headOf('Simulation'),
    cluster: z.string(),
    worlds: z.array(z.object({ id: z.string(), title: z.string() })),
    followed: count.describe('how many calls were followed in all'),
    calls: z
      .array(z.object({ call, fates: z.array(fate).describe('one for each world, in their order') }))
      .describe('only calls that are not ok in every world'),
    counts: z.array(verdictCounts).describe('calls by verdict, for each world'),
    opens: z
      .array(z.array(z.string()))
      .describe('what each world accepts that the one before it refused; empty for the first'),
    callCoverage,
    unresolved: z
      .array(z.object({ source: z.string(), reason: z.string() }))
      .describe('what names calls and could not be used in full, each with the reason'),
  }),
);
