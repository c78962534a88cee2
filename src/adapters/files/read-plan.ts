import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACT_VERSION } from '../../domain/world/result-head.ts';
import type { Step } from '../../domain/world/step.ts';
import { usageError } from '../../lib/errors.ts';
import { asList, asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { inWords } from './system-error.ts';

/** A stage of a written plan, as far as laying it over a world goes. */
export interface WrittenStage {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly steps: readonly Step[];
}

const STEPS: ReadonlySet<string> = new Set(['apply', 'patch', 'delete', 'restart', 'external']);

/** The stages of a rollout bundle's plan.json, in order; the path is the bundle's folder or the file itself. */
export function readPlan(path: string): readonly WrittenStage[] {
  const document = parse(path);
  if (asText(document['kind']) !== 'RolloutPlan') throw notAPlan(path, 'its kind is not RolloutPlan');
  if (asText(document['apiVersion']) !== CONTRACT_VERSION)
    throw notAPlan(path, `its apiVersion is not ${CONTRACT_VERSION}`);
  const stages = asList(document['stages']).map(asObject);
  if (stages.length === 0) throw notAPlan(path, 'it has no list of stages');
  return stages.map((stage) => {
    if (stage === undefined) throw notAPlan(path, 'a stage is no object');
    return readStage(stage, path);
  });
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
  const listed = asList(stage['steps']);
  const steps = asObjects(listed);
  const odd = listed.findIndex((step) => !isStep(asObject(step) ?? {}));
  if (odd >= 0) throw notAPlan(path, `step ${String(odd + 1)} of stage ${id} is none`);
  return {
    id,
    title: asText(stage['title']) ?? id,
    state: asText(stage['state']) ?? 'outline',
    steps: steps as unknown as readonly Step[],
  };
}

/** Enough to lay the step over a world; the objects in it are read as any object is. */
function isStep(step: JsonObject): boolean {
  const kind = asText(step['step']) ?? '';
  if (!STEPS.has(kind)) return false;
  switch (kind) {
    case 'apply':
      return (
        asText(at(step, 'manifest', 'apiVersion')) !== undefined &&
        asText(at(step, 'manifest', 'metadata', 'name')) !== undefined
      );
    case 'restart':
      return asText(at(step, 'workload', 'name')) !== undefined && asText(at(step, 'workload', 'kind')) !== undefined;
    case 'external':
      return Array.isArray(step['expect']) && Array.isArray(step['expectKinds']);
    default:
      return asText(at(step, 'target', 'name')) !== undefined && asText(at(step, 'target', 'kind')) !== undefined;
  }
}

function notAPlan(path: string, reason: string): Error {
  return usageError(
    'not-a-plan',
    `${path} is no rollout plan: ${reason}`,
    'give the folder that meshwise plan --out wrote',
  );
}
