import { z } from 'zod';
import type { PlanChanges } from '../../domain/rollout/compare/plan-changes.ts';
import type { CONTRACT_VERSION } from '../../domain/world/result-head.ts';
import { apiVersion, count } from '../parts/words.ts';
import { describing } from '../same-type.ts';
import { exception, stageState } from './rollout-plan.ts';

const target = z.enum(['istio-sidecar', 'istio-ambient', 'linkerd']);
const texts = z.array(z.string());
const listChange = z.object({ added: texts, removed: texts });
const oneSided = z.object({ id: z.string(), title: z.string(), state: stageState });

const stageChange = z
  .object({
    id: z.string(),
    title: z.string(),
    state: z.exactOptional(z.object({ from: stageState, to: stageState })),
    number: z.exactOptional(z.object({ from: count, to: count })),
    steps: z.exactOptional(
      z.object({ added: texts, removed: texts, changed: texts.describe('steps with other contents') }),
    ),
    gates: z.exactOptional(listChange.describe('texts of conditions of entry, exit and abort')),
    blockedBy: z.exactOptional(listChange),
    dependsOn: z.exactOptional(listChange),
  })
  .meta({ id: 'StageChange', description: 'What changed of a stage; a part that is the same is absent.' });

/** What the result says beside the changes themselves. */
interface Identity {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: 'RolloutPlanDiff';
}

/** The result of `plan --diff`. */
export const rolloutPlanDiff = describing<Identity & PlanChanges>()(
  z.object({
    apiVersion,
    kind: z.literal('RolloutPlanDiff'),
    target: z.object({ from: target, to: target }),
    read: z
      .object({ from: z.exactOptional(z.string()), to: z.exactOptional(z.string()) })
      .describe('when the worlds were read'),
    sameInput: z.boolean().describe('both were made from the same objects and calls'),
    stages: z.object({
      added: z.array(oneSided),
      removed: z.array(oneSided),
      changed: z.array(stageChange),
      unchanged: count,
    }),
    moved: z
      .array(z.object({ workload: z.string(), from: z.exactOptional(z.string()), to: z.exactOptional(z.string()) }))
      .describe('workloads by the ids of their waves; no id where they are in none'),
    exceptions: z.object({
      added: z.array(exception),
      removed: z.array(exception),
      expired: z.array(exception).describe('of the later plan, those whose end has come'),
    }),
    leftOut: listChange,
    warnings: listChange,
  }),
);
