import { compareText, sortedUnique } from '../../../lib/order.ts';
import { formatWorkload } from '../../world/workload.ts';
import { hasEnded } from '../choices.ts';
import type { Exception, RolloutPlan, Stage } from '../plan.ts';
import { compareStages, listChange } from './compare-stages.ts';
import type { ListChange, MovedWorkload, OneSidedStage, PlanChanges, StageChange } from './plan-changes.ts';

/** What changed from one plan to a later one: stages by their ids, workloads by their waves, the registers by their rows. */
export function comparePlans(from: RolloutPlan, to: RolloutPlan): PlanChanges {
  const [before, after] = [byId(from.stages), byId(to.stages)];
  const common = to.stages.flatMap((stage) => {
    const earlier = before.get(stage.id);
    return earlier === undefined ? [] : [compareStages(earlier, stage)];
  });
  const changed = common.filter((change): change is StageChange => change !== undefined);
  const [readFrom, readTo] = [from.basedOn.asOf, to.basedOn.asOf];
  return {
    target: { from: from.target, to: to.target },
    read: { ...(readFrom === undefined ? {} : { from: readFrom }), ...(readTo === undefined ? {} : { to: readTo }) },
    sameInput: from.basedOn.fingerprint === to.basedOn.fingerprint,
    stages: {
      added: to.stages.filter(({ id }) => !before.has(id)).map(toOneSided),
      removed: from.stages.filter(({ id }) => !after.has(id)).map(toOneSided),
      changed,
      unchanged: common.length - changed.length,
    },
    moved: movedWorkloads(from, to),
    exceptions: compareExceptions(from, to),
    leftOut: compareTexts(from.leftOut.map(toText), to.leftOut.map(toText)),
    warnings: compareTexts(from.warnings, to.warnings),
  };
}

function byId(stages: readonly Stage[]): ReadonlyMap<string, Stage> {
  return new Map(stages.map((stage) => [stage.id, stage]));
}

function toOneSided({ id, title, state }: Stage): OneSidedStage {
  return { id, title, state };
}

function toText({ what, reason }: RolloutPlan['leftOut'][number]): string {
  return `${what}: ${reason}`;
}

function compareTexts(from: readonly string[], to: readonly string[]): ListChange {
  return listChange(from, to) ?? { added: [], removed: [] };
}

function movedWorkloads(from: RolloutPlan, to: RolloutPlan): readonly MovedWorkload[] {
  const [before, after] = [wavesOf(from), wavesOf(to)];
  return sortedUnique([...before.keys(), ...after.keys()]).flatMap((workload): readonly MovedWorkload[] => {
    const [earlier, later] = [before.get(workload), after.get(workload)];
    if (earlier === later) return [];
    return [
      {
        workload,
        ...(earlier === undefined ? {} : { from: earlier }),
        ...(later === undefined ? {} : { to: later }),
      },
    ];
  });
}

function wavesOf({ stages }: RolloutPlan): ReadonlyMap<string, string> {
  return new Map(
    stages.flatMap(({ id, kind, wave, scope }) =>
      kind === 'enrol' && wave !== undefined
        ? scope.workloads.map((workload) => [formatWorkload(workload), id] as const)
        : [],
    ),
  );
}

function compareExceptions(from: RolloutPlan, to: RolloutPlan): PlanChanges['exceptions'] {
  const [before, after] = [from.exceptions.map(keyOf), to.exceptions.map(keyOf)];
  const { asOf } = to.basedOn;
  const isDated = ({ expires }: Exception): boolean => !Number.isNaN(Date.parse(expires));
  return {
    added: to.exceptions.filter((row) => !before.includes(keyOf(row))).sort(byKey),
    removed: from.exceptions.filter((row) => !after.includes(keyOf(row))).sort(byKey),
    expired: to.exceptions.filter((row) => asOf !== undefined && isDated(row) && hasEnded(row.expires, asOf)),
  };
}

function keyOf({ workload, layer, ports }: Exception): string {
  return `${formatWorkload(workload)} ${layer} ${ports.join(',')}`;
}

function byKey(left: Exception, right: Exception): number {
  return compareText(keyOf(left), keyOf(right));
}
