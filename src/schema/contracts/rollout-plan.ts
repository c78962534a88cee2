import { z } from 'zod';
import type {
  Condition,
  Effort,
  Exception,
  Obstacle,
  Restart,
  Rollback,
  RolloutPlan,
  Stage,
  StageSimulation,
} from '../../domain/rollout/plan.ts';
import type { CONTRACT_VERSION } from '../../domain/world/result-head.ts';
import { evidenceKind } from '../parts/call.ts';
import { basis, coverage, warnings } from '../parts/head.ts';
import { choices } from '../parts/choices.ts';
import { evidence, workloadRef } from '../parts/references.ts';
import { stateCheck } from '../parts/state-check.ts';
import { restartMethod, step } from '../parts/steps.ts';
import { verdict } from '../parts/fate.ts';
import { apiVersion, commandLine, count, port, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const stageKind = z.enum([
  'preflight',
  'trust',
  'control-plane',
  'node-agents',
  'telemetry',
  'break-glass',
  'scoping',
  'enrol',
  'strict',
  'shadow',
  'allow',
  'deny',
  'default',
  'operate',
]);

/** How far a stage is. */
export const stageState = z
  .enum(['ready', 'waived', 'outline', 'blocked', 'done'])
  .describe('outline: evidence is missing, no manifests; blocked: something is in the way, the manifests are a draft');

const condition = describing<Condition>()(
  z
    .object({
      id: z.string(),
      text: z.string(),
      state: z.exactOptional(stateCheck),
      command: z.exactOptional(commandLine),
      promql: z.exactOptional(z.string().describe('returns a value only while the condition is not met')),
      proof: z.exactOptional(
        z
          .string()
          .describe('returns a value only while the source of the signal was watched and used in the whole window'),
      ),
      positiveEvidence: z.exactOptional(z.string()),
    })
    .meta({ id: 'Condition', description: 'One condition of a gate.' }),
);

const restart = describing<Restart>()(
  z
    .object({
      workload: workloadRef,
      method: restartMethod,
      after: z.array(workloadRef),
      maxParallel: z.string(),
      why: z.string(),
    })
    .meta({ id: 'Restart' }),
);

const rollback = describing<Rollback>()(
  z
    .object({
      steps: z.array(step),
      timeToEffect: z.string(),
      validWhile: z.string(),
      undoFirst: z.array(z.string()),
      irreversible: z.array(z.string()),
    })
    .meta({ id: 'Rollback' }),
);

const simulation = describing<StageSimulation>()(
  z
    .object({
      ok: count,
      degraded: count,
      partial: count,
      unknown: count,
      breaks: count,
      opens: z.array(z.string()).describe('what was refused or encrypted before and is accepted or plaintext after'),
      notOk: z.array(z.object({ call: z.string(), verdict, why: z.string() })),
    })
    .meta({ id: 'StageSimulation', description: 'All calls after the stage, each at its worst moment.' }),
);

const obstacle = describing<Obstacle>()(
  z
    .object({
      kind: z.enum(['call', 'evidence', 'object', 'platform', 'stage']),
      what: z.string(),
      remedy: z.string(),
    })
    .meta({ id: 'Obstacle', description: 'Why a stage cannot go ahead.' }),
);

/** A row of the register of exceptions. */
export const exception = describing<Exception>()(
  z
    .object({
      workload: workloadRef,
      layer: z.enum(['mtls', 'authorization', 'enrolment']),
      ports: z.array(port).describe('container ports; empty where the whole workload is meant'),
      reason: z.string(),
      owner: z.string(),
      expires: z.string(),
    })
    .meta({ id: 'Exception', description: 'Something that stays weaker than the goal, and why.' }),
);

const band = z.object({ from: z.number(), to: z.number() });

const effort = describing<Effort>()(
  z.object({ hours: band, days: band, assumption: z.string() }).meta({ id: 'Effort' }),
);

const stage = describing<Stage>()(
  z
    .object({
      id: z.string(),
      number: count,
      kind: stageKind,
      state: stageState,
      title: z.string(),
      why: z.string(),
      risk: z.string(),
      effort,
      doesNotChange: z.string(),
      dependsOn: z.array(z.string()),
      wave: z.exactOptional(count),
      scope: z.object({ namespaces: z.array(z.string()), workloads: z.array(workloadRef) }),
      steps: z.array(step),
      restarts: z.array(restart),
      notes: z.array(z.string()),
      entryGate: z.array(condition),
      exitGate: z.array(condition),
      abort: z.array(condition),
      rollback,
      simulation,
      assumptions: z.array(z.string()),
      blockedBy: z.array(obstacle),
      exceptions: z.array(exception),
      evidence: z.array(evidence),
      helmValues: z.array(z.object({ file: z.string(), values: z.record(z.string(), z.unknown()) })),
    })
    .meta({ id: 'Stage' }),
);

/** What plan.json says beside the plan itself. */
interface Identity {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: 'RolloutPlan';
}

/** The plan.json of a bundle, and the result of `plan`. */
export const rolloutPlan = describing<Identity & RolloutPlan>()(
  z.object({
    apiVersion,
    kind: z.literal('RolloutPlan'),
    target: z.enum(['istio-sidecar', 'istio-ambient', 'linkerd']),
    goal: z.enum(['enrol', 'permissive', 'strict', 'deny-by-default']),
    basis,
    cluster: z.string(),
    taken: z.exactOptional(time),
    coverage,
    warnings,
    basedOn: z.object({
      fingerprint: z.string().describe('SHA-256 over the objects and calls that the plan was made from'),
      asOf: z.exactOptional(time),
      versions: z.record(z.string(), z.string()),
    }),
    staleAfter: z.string(),
    acceptEvidence: evidenceKind,
    choices,
    stages: z.array(stage),
    exceptions: z.array(exception),
    leftOut: z.array(z.object({ what: z.string(), reason: z.string() })),
    summary: z
      .object({ ready: count, waived: count, outline: count, blocked: count, done: count })
      .describe('stages by state'),
  }),
);
