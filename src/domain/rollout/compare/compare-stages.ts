import { sortedUnique } from '../../../lib/order.ts';
import { formatRef } from '../../kubernetes/object.ts';
import type { Step } from '../../world/step.ts';
import type { Stage } from '../plan.ts';
import { refOfManifest } from '../rollback-steps.ts';
import { sameValue } from '../same-value.ts';
import type { ListChange, StageChange } from './plan-changes.ts';

/** What changed of a stage from one plan to the next; undefined where nothing did. */
export function compareStages(from: Stage, to: Stage): StageChange | undefined {
  const steps = compareSteps(from.steps, to.steps);
  const gates = listChange(conditionsOf(from), conditionsOf(to));
  const blockedBy = listChange(obstaclesOf(from), obstaclesOf(to));
  const dependsOn = listChange(from.dependsOn, to.dependsOn);
  const change = {
    ...(from.state === to.state ? {} : { state: { from: from.state, to: to.state } }),
    ...(from.number === to.number ? {} : { number: { from: from.number, to: to.number } }),
    ...(steps === undefined ? {} : { steps }),
    ...(gates === undefined ? {} : { gates }),
    ...(blockedBy === undefined ? {} : { blockedBy }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
  return Object.keys(change).length === 0 ? undefined : { id: to.id, title: to.title, ...change };
}

/** What one list has more than the other, each sorted; undefined where they hold the same. */
export function listChange(from: readonly string[], to: readonly string[]): ListChange | undefined {
  const [before, after] = [new Set(from), new Set(to)];
  const added = sortedUnique(to.filter((each) => !before.has(each)));
  const removed = sortedUnique(from.filter((each) => !after.has(each)));
  return added.length + removed.length === 0 ? undefined : { added, removed };
}

function compareSteps(from: readonly Step[], to: readonly Step[]): StageChange['steps'] {
  const [before, after] = [byName(from), byName(to)];
  const names = listChange([...before.keys()], [...after.keys()]);
  const changed = sortedUnique(
    [...after].flatMap(([name, step]) => (before.has(name) && !sameValue(before.get(name), step) ? [name] : [])),
  );
  if (names === undefined && changed.length === 0) return undefined;
  return { ...(names ?? { added: [], removed: [] }), changed };
}

function byName(steps: readonly Step[]): ReadonlyMap<string, Step> {
  return new Map(steps.map((step) => [nameOf(step), step]));
}

function nameOf(step: Step): string {
  switch (step.step) {
    case 'apply':
      return `apply ${formatRef(refOfManifest(step.manifest))}`;
    case 'patch':
    case 'delete':
      return `${step.step} ${formatRef(step.target)}`;
    case 'restart':
      return `restart ${formatRef(step.workload)}`;
    case 'external':
      return `run ${step.title}`;
  }
}

function conditionsOf({ entryGate, exitGate, abort }: Stage): readonly string[] {
  return [
    ...entryGate.map(({ text }) => `entry: ${text}`),
    ...exitGate.map(({ text }) => `exit: ${text}`),
    ...abort.map(({ text }) => `abort: ${text}`),
  ];
}

function obstaclesOf({ blockedBy }: Stage): readonly string[] {
  return blockedBy.map(({ what }) => what);
}
