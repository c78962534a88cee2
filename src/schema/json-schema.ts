import { z } from 'zod';
import type { JsonObject } from '../lib/json.ts';
import { assessment } from './contracts/assessment.ts';
import { callDrawing } from './contracts/call-drawing.ts';
import { callsFile } from './contracts/calls-file.ts';
import { checkReport } from './contracts/check-report.ts';
import { config } from './contracts/config.ts';
import { failure } from './contracts/failure.ts';
import { inventory } from './contracts/inventory.ts';
import { pullRequests } from './contracts/pull-requests.ts';
import { rolloutPlan } from './contracts/rollout-plan.ts';
import { rolloutPlanDiff } from './contracts/rollout-plan-diff.ts';
import { simulation } from './contracts/simulation.ts';
import { snapshot } from './contracts/snapshot.ts';
import { verification } from './contracts/verification.ts';
import { workloadStory } from './contracts/workload-story.ts';
import { SCHEMA_KINDS, type SchemaKind } from './kinds.ts';

const CONTRACTS = {
  Inventory: inventory,
  WorkloadStory: workloadStory,
  CallDrawing: callDrawing,
  CheckReport: checkReport,
  Assessment: assessment,
  RolloutPlan: rolloutPlan,
  RolloutPlanDiff: rolloutPlanDiff,
  PullRequests: pullRequests,
  Simulation: simulation,
  Verification: verification,
  Snapshot: snapshot,
  CallsFile: callsFile,
  Config: config,
  Error: failure,
} as const satisfies Readonly<Record<SchemaKind, z.ZodType>>;

/**
 * The JSON Schema (draft 2020-12) of a contract. What meshwise writes may get more members later, so those schemas
 * allow them; what people write may not hold a key that nobody reads.
 */
export function jsonSchemaOf(kind: SchemaKind): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(CONTRACTS[kind], { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: kind, description: SCHEMA_KINDS[kind], ...schema };
}
