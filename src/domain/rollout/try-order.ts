import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import { kindOf, type Kind } from '../kubernetes/object.ts';
import type { Call } from '../calls/call.ts';
import type { Step } from '../world/step.ts';

/** A step with the calls that it can touch, and its place in the stage. */
export interface TriedStep {
  readonly position: number;
  readonly step: Step;
  readonly touched: readonly Call[];
}

/** The worlds in which a stage has to be looked at; in each, those steps' own calls. */
export interface TryOrder {
  /**
   * One after the other. A call touched by a step of a round is touched by none other of that round, and by each earlier
   * step that touches it in an earlier round: after the round it fares as right after its step.
   */
  readonly rounds: readonly (readonly TriedStep[])[];
  /** Each on the world before the stage: steps alone, those together that touch no call in common. */
  readonly alone: readonly (readonly TriedStep[])[];
}

/** Steps that touch nothing but their calls: how other steps turn out does not hang on them. */
const SELF_CONTAINED: ReadonlySet<Kind> = new Set<Kind>([
  ...CONTROLLER_KINDS,
  KIND.peerAuthentication,
  KIND.authorizationPolicy,
  KIND.networkPolicy,
  KIND.linkerdServer,
  KIND.linkerdAuthorizationPolicy,
  KIND.meshTlsAuthentication,
  KIND.networkAuthentication,
]);

/**
 * Looks at as few worlds as tell what looking after each single step would tell: worlds are costly to make, and most
 * steps of a stage have no call in common.
 */
export function tryOrder(steps: readonly TriedStep[]): TryOrder {
  const levels = levelsOf(steps);
  const rounds: TriedStep[][] = [];
  for (const [index, step] of steps.entries()) (rounds[levels[index] ?? 0] ??= []).push(step);
  const shared = steps.filter((each, index) => each.position > 0 && (levels[index] ?? 0) > 0 && standsAlone(each.step));
  return { rounds, alone: disjoint(shared) };
}

/** The round of each step: the first one after those of all earlier steps that it has something in common with. */
function levelsOf(steps: readonly TriedStep[]): readonly number[] {
  const last = new Map<string, number>();
  let floor = 0;
  let highest = -1;
  return steps.map((each) => {
    const isApart = !isSelfContained(each.step);
    const keys = isApart ? [] : keysOf(each);
    const level = isApart ? highest + 1 : keys.reduce((most, key) => Math.max(most, (last.get(key) ?? -1) + 1), floor);
    for (const key of keys) last.set(key, level);
    highest = Math.max(highest, level);
    if (isApart) floor = highest + 1;
    return level;
  });
}

function disjoint(steps: readonly TriedStep[]): readonly (readonly TriedStep[])[] {
  const groups: { readonly steps: TriedStep[]; readonly keys: Set<string>; readonly isClosed: boolean }[] = [];
  for (const each of steps) {
    const keys = keysOf(each);
    const isClosed = !isSelfContained(each.step);
    const group = isClosed ? undefined : groups.find((one) => !one.isClosed && !keys.some((key) => one.keys.has(key)));
    if (group === undefined) groups.push({ steps: [each], keys: new Set(keys), isClosed });
    else {
      group.steps.push(each);
      for (const key of keys) group.keys.add(key);
    }
  }
  return groups.map((group) => group.steps);
}

/** A restart is never applied by itself: it follows the patch in the list of commands. */
function standsAlone({ step }: Step): boolean {
  return step === 'apply' || step === 'patch' || step === 'delete';
}

function isSelfContained(step: Step): boolean {
  switch (step.step) {
    case 'apply':
      return step.manifest.metadata.namespace !== undefined && SELF_CONTAINED.has(kindOf(step.manifest));
    case 'patch':
    case 'delete':
      return step.target.namespace !== undefined && SELF_CONTAINED.has(step.target.kind);
    case 'restart':
      return step.workload.namespace !== undefined;
    case 'external':
      return false;
  }
}

/** The calls of a step, and the object that it is about. */
function keysOf({ step, touched }: TriedStep): readonly string[] {
  return [objectOf(step), ...touched.map(({ id }) => id)];
}

function objectOf(step: Step): string {
  switch (step.step) {
    case 'apply': {
      const { namespace = '', name } = step.manifest.metadata;
      return `object ${kindOf(step.manifest)} ${namespace}/${name}`;
    }
    case 'patch':
    case 'delete':
      return `object ${step.target.kind} ${step.target.namespace ?? ''}/${step.target.name}`;
    case 'restart':
      return `object ${step.workload.kind} ${step.workload.namespace ?? ''}/${step.workload.name}`;
    case 'external':
      return `commands ${step.title}`;
  }
}
