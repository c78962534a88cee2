import { compareBy } from '../../lib/order.ts';
import { formatWorkload } from '../world/workload.ts';
import { numberStages } from './numbering.ts';
import { withOwners } from './exception-owner.ts';
import type { Exception, RolloutPlan, Stage, StageState } from './plan.ts';
import { startPlanning, type Planning } from './planning.ts';
import { keepNumbers } from './previous/keep-numbers.ts';
import { keepStages } from './previous/keep-stages.ts';
import { withRollbackOrder } from './rollback-order.ts';
import type { RolloutInput } from './rollout-input.ts';
import { forcedWaits } from './forced-waits.ts';
import { effortOf } from './stage-effort.ts';
import { PLANNERS } from './targets.ts';
import { versionsOf } from './versions.ts';

/** How long a plan may lie before it is made anew: the world moves on meanwhile. */
const STALE_AFTER_DAYS = 14;
const DAY = 86_400_000;

/**
 * Plans the staged rollout of a mesh over a world: every stage is simulated at each of its moments on the world that
 * the stages before it leave behind, and one that would make a call worse is blocked. The same input gives the same
 * plan; a world in which part of a plan was carried out gives what is left of it.
 */
export function planRollout(input: RolloutInput): RolloutPlan {
  const planning = startPlanning(input);
  PLANNERS[input.target](planning);
  return toPlan(planning);
}

function toPlan(planning: Planning): RolloutPlan {
  const { input, exceptions, leftOut } = planning;
  const { world } = input;
  const asOf = world.asOf.known ? world.asOf.value : input.taken;
  const { stages, warnings } = numbered(planning);
  return {
    target: input.target,
    goal: input.goal,
    basis: world.coverage.basis,
    cluster: world.cluster,
    ...(input.taken === undefined ? {} : { taken: input.taken }),
    coverage: world.coverage.entries,
    warnings: [...planning.warnings, ...warnings],
    basedOn: {
      fingerprint: input.fingerprint,
      ...(asOf === undefined ? {} : { asOf }),
      versions: versionsOf(planning.world, input),
    },
    staleAfter: staleAfter(asOf),
    acceptEvidence: input.acceptEvidence,
    choices: input.choices,
    stages,
    exceptions: withOwners(eachOnce(exceptions), input.choices.owners),
    leftOut: [...leftOut].sort(
      compareBy(
        ({ what }) => what,
        ({ reason }) => reason,
      ),
    ),
    summary: countStates(stages),
  };
}

/** The stages with their numbers; those of an earlier plan keep theirs, and those carried out since stay. */
function numbered(planning: Planning): { readonly stages: readonly Stage[]; readonly warnings: readonly string[] } {
  const { input } = planning;
  const previous = input.previous?.target === input.target ? input.previous : undefined;
  const kept =
    previous === undefined
      ? { stages: planning.stages, warnings: [] }
      : keepStages(planning.stages, previous, input.world);
  const earlier = new Map(previous?.stages.map(({ id, number }) => [id, number]));
  const fresh = numberStages(kept.stages.map(({ kind }) => kind));
  const places = kept.stages.map(({ id }, index) => ({ id, fresh: fresh[index] ?? 0, earlier: earlier.get(id) }));
  const { numbers, warnings } = keepNumbers(places);
  const ordered = withRollbackOrder(kept.stages);
  const waits = forcedWaits(ordered);
  const stages = ordered.map((stage, index): Stage => ({
    ...stage,
    exceptions: withOwners(stage.exceptions, input.choices.owners),
    effort: effortOf(stage, waits.get(stage.id)),
    number: numbers[index] ?? 0,
  }));
  return { stages, warnings: [...kept.warnings, ...warnings] };
}

function staleAfter(asOf: string | undefined): string {
  const read = Date.parse(asOf ?? '');
  if (Number.isNaN(read)) return `${String(STALE_AFTER_DAYS)} days after the world was read, which is not known`;
  return new Date(read + STALE_AFTER_DAYS * DAY).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function eachOnce(exceptions: readonly Exception[]): readonly Exception[] {
  const keyOf = ({ workload, layer, ports }: Exception): string =>
    `${formatWorkload(workload)} ${layer} ${ports.join(',')}`;
  return [...new Map(exceptions.map((row) => [keyOf(row), row])).values()].sort(compareBy(keyOf));
}

function countStates(stages: readonly Stage[]): Record<StageState, number> {
  const counts: Record<StageState, number> = { ready: 0, waived: 0, outline: 0, blocked: 0, done: 0 };
  for (const { state } of stages) counts[state] += 1;
  return counts;
}
