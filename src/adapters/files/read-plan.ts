import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StageState } from '../../domain/rollout/plan.ts';
import { CONTRACT_VERSION } from '../../domain/world/result-head.ts';
import type { Step } from '../../domain/world/step.ts';
import { usageError } from '../../lib/errors.ts';
import { asList, asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { differenceFromBundle } from './bundle-manifests.ts';
import { inWords } from './system-error.ts';

/** A stage of a written plan, as far as laying it over a world goes. */
export interface WrittenStage {
  readonly id: string;
  readonly title: string;
  readonly state: StageState;
  readonly steps: readonly Step[];
}

const STATES: readonly StageState[] = ['ready', 'waived', 'outline', 'blocked', 'done'];
/** Their manifests are written out to be applied. */
const WRITTEN: ReadonlySet<StageState> = new Set<StageState>(['ready', 'waived']);
const STEPS: ReadonlySet<string> = new Set(['apply', 'patch', 'delete', 'restart', 'external']);

/**
 * The stages of a rollout bundle's plan.json, in order; the path is the bundle's folder or the file itself. Of a folder
 * the manifests must say what plan.json does, because they are what is applied. Throws a usage error for a plan that is
 * damaged, or that its manifests differ from.
 */
export function readPlan(path: string): readonly WrittenStage[] {
  return readStages(openPlan(path), path);
}

/** The document of a plan.json, whose stages nobody has looked at yet. Throws a usage error for anything else. */
export function openPlan(path: string): JsonObject {
  const document = parse(path);
  if (asText(document['kind']) !== 'RolloutPlan') throw notAPlan(path, 'its kind is not RolloutPlan');
  if (asText(document['apiVersion']) !== CONTRACT_VERSION)
    throw notAPlan(path, `its apiVersion is not ${CONTRACT_VERSION}`);
  return document;
}

/** The stages of an opened plan, as `readPlan` gives and refuses them. */
export function readStages(document: JsonObject, path: string): readonly WrittenStage[] {
  const stages = asList(document['stages']).map(asObject);
  if (stages.length === 0) throw notAPlan(path, 'it has no list of stages');
  const read = stages.map((stage) => {
    if (stage === undefined) throw notAPlan(path, 'a stage is no object');
    return readStage(stage, path);
  });
  refuseOddList(document, read, path);
  if (statSync(path).isDirectory()) refuseOtherManifests(path, read);
  return read;
}

function refuseOddList(document: JsonObject, stages: readonly WrittenStage[], path: string): void {
  const ids = stages.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw notAPlan(path, `two stages have the id ${twice}`);
  const summary = asObject(document['summary']);
  if (summary === undefined) return;
  const counted = Object.values(summary).reduce<number>((sum, count) => sum + (asNumber(count) ?? 0), 0);
  if (counted !== stages.length) {
    throw notAPlan(path, `it holds ${String(stages.length)} stages, and its summary counts ${String(counted)}`);
  }
}

function refuseOtherManifests(path: string, stages: readonly WrittenStage[]): void {
  for (const { id, state, steps } of stages) {
    const difference = WRITTEN.has(state) ? differenceFromBundle(path, id, steps) : undefined;
    if (difference === undefined) continue;
    throw usageError(
      'plan-differs',
      `${path}: ${difference}`,
      'where only some stages are merged, name plan.json itself; else write the plan again with meshwise plan --out, or simulate the changed files with --overlay',
    );
  }
}

function parse(path: string): JsonObject {
  try {
    const file = statSync(path).isDirectory() ? join(path, 'plan.json') : path;
    const document = asObject(JSON.parse(readFileSync(file, 'utf8')));
    if (document !== undefined) return document;
  } catch (error) {
    throw notAPlan(path, error instanceof SyntaxError ? 'it is not JSON' : inWords(error));
  }
  throw notAPlan(path, 'it holds no object');
}

function readStage(stage: JsonObject, path: string): WrittenStage {
  const id = asText(stage['id']);
  if (id === undefined) throw notAPlan(path, 'a stage has no id');
  const state = STATES.find((each) => each === stage['state']);
  if (state === undefined) throw notAPlan(path, `the state of stage ${id} is none of ${STATES.join(', ')}`);
  if (!Array.isArray(stage['steps'])) throw notAPlan(path, `stage ${id} has no list of steps`);
  const listed = asList(stage['steps']);
  const steps = asObjects(listed);
  const odd = listed.findIndex((step) => !isStep(asObject(step) ?? {}));
  if (odd >= 0) throw notAPlan(path, `step ${String(odd + 1)} of stage ${id} is none`);
  return {
    id,
    title: asText(stage['title']) ?? id,
    state,
    steps: steps as unknown as readonly Step[],
  };
}

/** Enough to lay the step over a world; the objects in it are read as any object is. */
function isStep(step: JsonObject): boolean {
  const kind = asText(step['step']) ?? '';
  if (!STEPS.has(kind)) return false;
  switch (kind) {
    case 'apply':
      return isManifest(at(step, 'manifest'));
    case 'patch':
      return isTarget(at(step, 'target')) && asObject(step['patch']) !== undefined;
    case 'restart':
      return asText(at(step, 'workload', 'name')) !== undefined && asText(at(step, 'workload', 'kind')) !== undefined;
    case 'external':
      return (
        Array.isArray(step['expect']) &&
        Array.isArray(step['expectKinds']) &&
        asList(step['expectChanges']).every(
          (change) => isTarget(at(change, 'target')) && asObject(at(change, 'fields')) !== undefined,
        )
      );
    default:
      return isTarget(at(step, 'target'));
  }
}

function isManifest(manifest: unknown): boolean {
  const spec = at(manifest, 'spec');
  return (
    asText(at(manifest, 'apiVersion')) !== undefined &&
    asText(at(manifest, 'kind')) !== undefined &&
    asText(at(manifest, 'metadata', 'name')) !== undefined &&
    (spec === undefined || asObject(spec) !== undefined)
  );
}

function isTarget(target: unknown): boolean {
  return asText(at(target, 'name')) !== undefined && asText(at(target, 'kind')) !== undefined;
}

/** The refusal of a file that is no rollout plan, with the reason. */
export function notAPlan(path: string, reason: string): Error {
  return usageError(
    'not-a-plan',
    `${path} is no rollout plan: ${reason}`,
    'give the folder that meshwise plan --out wrote',
  );
}
