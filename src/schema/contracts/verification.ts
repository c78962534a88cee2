import { z } from 'zod';
import type {
  Drift,
  PlanPosition,
  StandingRow,
  Verified,
  VerifiedCondition,
} from '../../domain/rollout/verify/verification.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { evidence, objectRef } from '../parts/references.ts';
import { commandLine, count } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const condition = describing<VerifiedCondition>()(
  z
    .object({
      id: z.string().describe('as plan.json has it, or stage-state, plan-fresh, after-STAGE, step-N and so on'),
      text: z.string(),
      state: z
        .enum(['met', 'unmet', 'unknown'])
        .describe('unknown: what would tell was not read, not watched, or is for a person to say'),
      evidence: z.array(evidence),
      command: z.exactOptional(commandLine),
    })
    .meta({ id: 'VerifiedCondition', description: 'One condition of a gate with its answer.' }),
);

const drift = describing<Drift>()(
  z
    .object({
      object: objectRef,
      field: z.string().describe('path, as spec.mtls.mode'),
      wanted: z.string().describe('as JSON; nothing where the field must not be there'),
      found: z.string().describe('as JSON; nothing where the field is not there'),
    })
    .meta({ id: 'Drift', description: 'A field that is not what a stage made it.' }),
);

const standingRow = describing<StandingRow>()(
  z
    .object({
      stage: z.string(),
      number: z.number(),
      title: z.string(),
      state: z.enum(['ready', 'waived', 'outline', 'blocked', 'done']).describe('in the plan'),
      standing: z
        .enum(['holds', 'partly', 'not', 'unknown', 'nothing'])
        .describe('in the cluster; nothing: it has no steps that are written out'),
      why: z.array(z.string()).describe('the first things that are not as the stage made them, or not known'),
    })
    .meta({ id: 'StandingRow', description: 'Where a stage stands in the cluster.' }),
);

const position = describing<PlanPosition>()(
  z
    .object({
      stages: z.array(standingRow).describe('all stages, in the order of the plan'),
      at: z.exactOptional(z.string().describe('the last stage that holds')),
      next: z.array(z.string()).describe('stages that are ready, not applied, and rest on nothing that does not hold'),
      action: z.string().describe('what to do next, in words'),
    })
    .meta({ id: 'PlanPosition', description: 'Where a cluster stands in a plan.' }),
);

/** The result of `verify`. */
export const verification = describing<HeadOf<'Verification'> & Verified>()(
  z.object({
    ...headOf('Verification'),
    cluster: z.string(),
    plan: z.object({
      target: z.enum(['istio-sidecar', 'istio-ambient', 'linkerd']),
      goal: z.enum(['enrol', 'permissive', 'strict', 'deny-by-default']),
      staleAfter: z.string(),
    }),
    gate: z.enum(['entry', 'exit', 'rollback', 'position']).describe('position where no stage was asked for'),
    stage: z.exactOptional(z.string()),
    title: z.exactOptional(z.string()),
    conditions: z.array(condition),
    drift: z.array(drift).describe('what the stage said, and what is there'),
    summary: z.object({ met: count, unmet: count, unknown: count }),
    undoFirst: z.exactOptional(
      z.array(z.string()).describe('for a rollback: stages that are there and must be undone before, in this order'),
    ),
    position: z.exactOptional(position),
    answer: z.object({
      is: z
        .enum(['yes', 'no', 'not-enough-evidence'])
        .describe('no: a condition is unmet; not-enough-evidence: none is, and some are unknown'),
      because: z.array(z.string()),
    }),
  }),
);
