import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { derivedFrom } from '../../domain/world/derived.ts';
import type { Manifest } from '../../domain/world/step.ts';
import { safePathSegment } from '../escape.ts';

/** Gives each file of a folder its name; a name that is taken, in whatever case, gets a number. */
export type NameGiver = (stem: string, extension: string) => string;

const RESERVED = ['readme.md', 'kustomization.yaml', 'gate.yaml', 'patches', 'draft'];

/** A giver of names for one folder, which keeps clear of the files that every stage has. */
export function createNameGiver(): NameGiver {
  const taken = new Set(RESERVED);
  return (stem, extension) => {
    const safe = safePathSegment(stem);
    let name = `${safe}${extension}`;
    for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${safe}~${String(count)}${extension}`;
    taken.add(name.toLowerCase());
    return name;
  };
}

/** The folder of a stage: its number, with as many digits as the plan's longest has, and its id. */
export function stageFolder(plan: RolloutPlan, stage: Stage): string {
  return safePathSegment(`${stageNumber(plan, stage)}-${stage.id}`);
}

/** The stage's number with leading zeros, so that text sorts as the stages do. */
export function stageNumber(plan: RolloutPlan, stage: Stage): string {
  return String(stage.number).padStart(derivedFrom(plan.stages, digitsOf), '0');
}

function digitsOf(stages: readonly Stage[]): number {
  return stages.reduce((most, { number }) => Math.max(most, String(number).length), 3);
}

/** The folder of a stage's rollback. */
export function rollbackFolder(stage: Stage): string {
  return `rollback/${safePathSegment(stage.id)}`;
}

/** The stem of an object's file: kind and name, with the namespace where the folder spans several. */
export function objectStem(manifest: Manifest, withNamespace: boolean): string {
  const { name, namespace } = manifest.metadata;
  return [manifest.kind.toLowerCase(), ...(withNamespace && namespace !== undefined ? [namespace] : []), name].join(
    '-',
  );
}
