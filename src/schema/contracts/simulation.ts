import { z } from 'zod';
import type { CallGraph } from '../../domain/calls/call.ts';
import type { CallCoverage } from '../../domain/calls/coverage.ts';
import { FATE_CHANGES, type FateChange } from '../../domain/simulate/fate-change.ts';
import type { Followed, FollowedCall, Transition, UnderStrict } from '../../domain/simulate/followed.ts';
import type { CallTrace } from '../../domain/simulate/trace.ts';
import { callCoverage } from '../parts/call-coverage.ts';
import { call } from '../parts/call.ts';
import { fate, verdict, verdictCounts } from '../parts/fate.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { evidence } from '../parts/references.ts';
import { count } from '../parts/words.ts';
import { describing } from '../same-type.ts';

/** What `simulate` adds to the simulation itself. */
interface Known {
  readonly callCoverage: CallCoverage;
  readonly unresolved: CallGraph['unresolved'];
}

const followedCall = describing<FollowedCall>()(
  z
    .object({
      call,
      fates: z.array(fate).describe('one for each world, in their order'),
      probable: z.boolean().describe('whether nothing but a name in configuration says that it is made'),
      servers: z.array(z.string()).describe('who answers in the last world, as shop/Deployment/cart:8080'),
      changes: z
        .array(z.enum([...FATE_CHANGES, 'kept']))
        .describe('for each world after the first, how the fate differs from the one in the world before it'),
    })
    .meta({ id: 'FollowedCall', description: 'A call with its fate in each world.' }),
);

const changeCounts = describing<Readonly<Record<FateChange, number>>>()(
  z.object({
    broken: count,
    unknown: count,
    weaker: count,
    degraded: count,
    mended: count,
    stronger: count,
    otherwise: count,
  }),
);

const transition = describing<Transition>()(
  z
    .object({
      from: z.string().describe('id of a world'),
      to: z.string().describe('id of the world after it'),
      counts: changeCounts,
      kept: count.describe('calls that fare as before'),
    })
    .meta({ id: 'Transition', description: 'What changes from one world to the next.' }),
);

const underStrict = describing<UnderStrict>()(
  z
    .object({
      reason: z.exactOptional(z.string().describe('why it cannot be told')),
      notes: z.array(z.string()),
      calls: z.array(followedCall).describe('calls that would break or not be known; fates of today and under STRICT'),
    })
    .meta({ id: 'UnderStrict', description: 'What would break if every server demanded mutual TLS now.' }),
);

const trace = describing<CallTrace>()(
  z
    .object({
      world: z.string(),
      fate,
      pairs: z
        .array(
          z.object({
            client: z.string(),
            server: z.string(),
            verdict,
            alike: count.describe('how many pairs of pod groups these answers hold for'),
            steps: z.array(
              z.object({
                part: z.enum(['client', 'server', 'outbound', 'network-policy', 'relay', 'inbound', 'authorization']),
                outcome: z.string(),
                why: z.string(),
                evidence: z.array(evidence),
              }),
            ),
          }),
        )
        .describe('pairs of client and server pods with different answers, worst first'),
    })
    .meta({ id: 'CallTrace', description: 'A call in one world, step by step.' }),
);

/** The result of `simulate`. */
export const simulation = describing<HeadOf<'Simulation'> & Followed & Known>()(
  z.object({
    ...headOf('Simulation'),
    cluster: z.string(),
    answer: z.object({
      is: z.enum(['yes', 'no', 'not-enough-evidence']).describe('no: a call breaks that worked'),
      because: z.array(z.string()),
    }),
    worlds: z.array(z.object({ id: z.string(), title: z.string() })),
    followed: count.describe('how many calls were followed in all'),
    calls: z
      .array(followedCall)
      .describe('calls that are not ok in every world, or fare otherwise in one than in the one before it'),
    counts: z.array(verdictCounts).describe('calls by verdict, for each world'),
    transitions: z.array(transition).describe('one for each world after the first'),
    opens: z
      .array(z.array(z.string()))
      .describe('what each world accepts that the one before it refused; empty for the first'),
    assumptions: z
      .array(z.object({ world: z.string(), notes: z.array(z.string()) }))
      .describe('what was assumed in a world, and what that leaves as it is'),
    plaintext: z.exactOptional(
      z.array(followedCall).describe('with one world alone: calls that work and go in plaintext for some pods or all'),
    ),
    underStrict: z.exactOptional(underStrict),
    trace: z.exactOptional(z.array(trace).describe('for one call that was asked for: each world, step by step')),
    evidence: z.object({
      atLeast: z.enum(['observed', 'declared', 'inferred']),
      leftOut: count.describe('calls that rest on less'),
    }),
    notFollowed: z.exactOptional(
      z
        .array(
          z.object({
            why: z.enum(['blocked', 'outline', 'done', 'nothing to apply']).describe('the state of the stages'),
            stages: z.array(z.string()).describe('ids, in the order of the plan'),
          }),
        )
        .describe('with --plan: the stages that were not followed'),
    ),
    namespaces: z.array(z.string()).describe('the namespaces that calls have an end in; empty for all'),
    callCoverage,
    unresolved: z
      .array(z.object({ source: z.string(), reason: z.string() }))
      .describe('what names calls and could not be used in full, each with the reason'),
  }),
);
