import { z } from 'zod';
import type {
  Assessment,
  CallCounts,
  Constraint,
  CriterionAssessment,
  OptionAssessment,
  Quantity,
} from '../../domain/decide/assessment.ts';
import type { OptionId } from '../../domain/decide/option.ts';
import { factOf } from '../parts/fact.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { evidence } from '../parts/references.ts';
import { count, share, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const option = z
  .enum(['istio-sidecar', 'istio-ambient', 'linkerd', 'consul', 'cilium', 'none'])
  .meta({ id: 'OptionId' });

const criterion = z
  .enum([
    'mtls-identity',
    'l4-isolation',
    'l7-authz-jwt',
    'l7-traffic',
    'grpc-lb-resilience',
    'uniform-l7-metrics',
    'multicluster',
    'vm-workloads',
    'extensibility',
    'ops-simplicity',
    'resource-cost',
    'latency',
    'maturity',
    'adoption-effort',
    'existing-fit',
    'scale',
    'upgrade-blast-radius',
    'polyglot',
    'in-house-alternative',
    'licence-support',
    'fips',
  ])
  .meta({ id: 'CriterionId' });

const mark = z.enum(['P', 'R', 'S', 'M', 'E']).meta({
  id: 'Mark',
  description:
    'P: primary source read; R: raw data recomputed; S: secondary citation; M: recalled, not checked; E: our own judgement',
});

const verdict = z.enum(['recommend', 'lean', 'undecided']).meta({ id: 'VerdictWord' });

const constraint = describing<Constraint>()(
  z
    .object({
      id: z.string(),
      state: z.enum(['veto', 'caution', 'not-assessed']),
      reason: z.string(),
      evidence: z.array(evidence),
      mark,
    })
    .meta({ id: 'Constraint', description: 'veto drops the option; not-assessed says what was not read.' }),
);

const quantity = describing<Quantity>()(
  z
    .object({
      low: z.number(),
      high: z.number(),
      unit: z.enum(['millicores', 'bytes', 'ms']),
      formula: z.string(),
      source: z.string(),
      date: z.string(),
      mark,
    })
    .meta({ id: 'Quantity', description: 'A band with its unit and where it comes from.' }),
);

const optionAssessment = describing<OptionAssessment>()(
  z
    .object({
      option,
      dropped: z.boolean().describe('whether a veto or a must drops it'),
      vetoes: z.array(constraint),
      cautions: z.array(constraint),
      notAssessed: z.array(constraint),
      musts: z.array(z.object({ criterion, capability: share, met: z.boolean() })),
      utility: share,
      probabilityFirst: share.describe('share of draws in which the option is first'),
      cost: z.object({ cpu: factOf(quantity), memory: factOf(quantity), notes: z.array(z.string()) }),
      latency: factOf(quantity),
    })
    .meta({ id: 'OptionAssessment' }),
);

const criterionAssessment = describing<CriterionAssessment>()(
  z
    .object({
      id: criterion,
      title: z.string(),
      weight: z.number(),
      value: z.object({ low: share, high: share }).describe('a point where it is known, else its range'),
      evidence: z.array(evidence),
      unknown: z.exactOptional(z.string()),
      answer: z.exactOptional(z.string()),
    })
    .meta({ id: 'CriterionAssessment' }),
);

const flip = z.object({ criterion, from: share, to: share, winner: option });

const question = z.object({
  criterion,
  question: z.string(),
  valueOfInformation: share,
  changesWinner: z.boolean(),
  changesWorthIt: z.boolean(),
});

const callCounts = describing<CallCounts>()(z.object({ calls: count, known: count, grpc: count }));

/** What `assess` adds to the assessment itself. */
interface Asked {
  readonly cluster: { readonly name: string };
  readonly calls: CallCounts;
  readonly excluded: Partial<Readonly<Record<OptionId, string>>>;
}

/** The result of `assess`. */
export const assessment = describing<HeadOf<'Assessment'> & Assessment & Asked>()(
  z.object({
    ...headOf('Assessment'),
    asOf: factOf(time),
    cluster: z.object({ name: z.string() }),
    calls: callCounts.describe('how many calls are in the call graph'),
    excluded: z.object({
      'istio-sidecar': z.exactOptional(z.string()),
      'istio-ambient': z.exactOptional(z.string()),
      linkerd: z.exactOptional(z.string()),
      consul: z.exactOptional(z.string()),
      cilium: z.exactOptional(z.string()),
      none: z.exactOptional(z.string()),
    }),
    worthIt: z.object({ verdict, answer: z.enum(['mesh', 'none']), score: share, confidence: share }),
    recommendation: z.object({
      verdict,
      option: z.exactOptional(option.describe('the likeliest first; absent where every option is dropped')),
      probabilityFirst: share,
      topsis: z.exactOptional(option.describe('first by another method, so that a disagreement is seen')),
      because: z.array(z.string()),
    }),
    options: z.array(optionAssessment),
    criteria: z.array(criterionAssessment),
    flips: z.array(flip).describe('the smallest changes that make another option first'),
    questions: z.array(question),
    method: z.array(z.string()),
  }),
);
