import type { RolloutPlan, Stage, StageKind } from '../../domain/rollout/plan.ts';
import type { Freeze } from '../../domain/rollout/choices.ts';
import { forcedWaits, type ForcedWait } from '../../domain/rollout/forced-waits.ts';
import { openStages } from '../../domain/rollout/open-stages.ts';
import { groupBy } from '../../lib/order.ts';

/** From the least to the most that something takes. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** When a stage can begin and end, in days from the time of the plan: as early as can be, and as late as its band says. */
export interface Span {
  readonly stage: Stage;
  readonly begins: Band;
  readonly ends: Band;
}

const DAY = 86_400_000;

/**
 * The stages that are left, each as soon as those before it are through and the wait that its gate forces is over, those
 * that wait for nothing side by side.
 */
export function spansOf(plan: RolloutPlan): readonly Span[] {
  const spans = new Map<string, Span>();
  const waits = forcedWaits(plan.stages);
  for (const stage of plan.stages) {
    const before = lastEnd(stage.dependsOn, spans);
    const watched = watchedAt(waits.get(stage.id), spans);
    const begins = { from: Math.max(before.from, watched.from), to: Math.max(before.to, watched.to) };
    const { days } = stage.effort;
    const isDone = stage.state === 'done';
    const ends = isDone ? begins : { from: begins.from + days.from, to: begins.to + days.to };
    spans.set(stage.id, { stage, begins, ends });
  }
  return [...spans.values()].filter(({ stage }) => stage.state !== 'done');
}

function lastEnd(ids: readonly string[], spans: ReadonlyMap<string, Span>): Band {
  const ends = ids.flatMap((id) => spans.get(id)?.ends ?? []);
  return { from: Math.max(0, ...ends.map(({ from }) => from)), to: Math.max(0, ...ends.map(({ to }) => to)) };
}

/** When what a gate looks back on has been watched for long enough; at once where it may have been there all the time. */
function watchedAt(wait: ForcedWait | undefined, spans: ReadonlyMap<string, Span>): Band {
  if (wait === undefined) return { from: 0, to: 0 };
  const { from, to } = lastEnd(wait.after, spans);
  return { from: wait.after.length === 0 ? 0 : from + wait.days, to: to + wait.days };
}

/** The stages that nothing stands in the way of: written out, and resting on none that is not. */
export function openSpans(plan: RolloutPlan, spans: readonly Span[]): readonly Span[] {
  const open = openStages(plan);
  return spans.filter(({ stage }) => open.has(stage.id));
}

/** The days from the first stage that is left to the last. */
export function durationOf(spans: readonly Span[]): Band {
  return {
    from: spans.reduce((most, { ends }) => Math.max(most, ends.from), 0),
    to: spans.reduce((most, { ends }) => Math.max(most, ends.to), 0),
  };
}

/** The hours of attention of the stages together. */
export function hoursOf(spans: readonly Span[]): Band {
  return {
    from: spans.reduce((sum, { stage }) => sum + stage.effort.hours.from, 0),
    to: spans.reduce((sum, { stage }) => sum + stage.effort.hours.to, 0),
  };
}

/** One kind of stages: how many are left, how much work, and what can go wrong. */
export interface KindRow {
  readonly kind: StageKind;
  readonly stages: number;
  readonly hours: Band;
  readonly begins: number;
  readonly ends: number;
  readonly risk: string;
}

/** The kinds of the stages that are left, in the order in which they first come. */
export function kindRows(spans: readonly Span[]): readonly KindRow[] {
  return [...groupBy(spans, ({ stage }) => stage.kind)].map(([kind, members]) => ({
    kind,
    stages: members.length,
    hours: hoursOf(members),
    begins: members.reduce((least, { begins }) => Math.min(least, begins.from), Number.POSITIVE_INFINITY),
    ends: members.reduce((most, { ends }) => Math.max(most, ends.to), 0),
    risk: members[0]?.stage.risk ?? '',
  }));
}

/** The date so many days after the time of the plan, as `2026-11-30`; undefined where the plan has no time. */
export function dateAfter(plan: RolloutPlan, days: number): string | undefined {
  const start = startOf(plan);
  return start === undefined ? undefined : new Date(start + Math.ceil(days) * DAY).toISOString().slice(0, 10);
}

/** A freeze with the stages that may still be under way in it. */
export interface FreezeConflict {
  readonly freeze: Freeze;
  readonly stages: readonly Stage[];
}

/** The freezes that fall into the time of a stage; none where the plan has no time to reckon from. */
export function freezeConflicts(plan: RolloutPlan, spans: readonly Span[]): readonly FreezeConflict[] {
  const start = startOf(plan);
  if (start === undefined) return [];
  return plan.choices.freezes.flatMap((freeze) => {
    const from = Date.parse(freeze.from);
    const last = Date.parse(freeze.to);
    if (Number.isNaN(from) || Number.isNaN(last)) return [];
    // A date covers its whole day.
    const to = freeze.to.includes('T') ? last : last + DAY - 1;
    const stages = spans
      .filter(({ begins, ends }) => start + begins.from * DAY <= to && start + ends.to * DAY >= from)
      .map(({ stage }) => stage);
    return stages.length === 0 ? [] : [{ freeze, stages }];
  });
}

function startOf({ basedOn, taken }: RolloutPlan): number | undefined {
  const time = Date.parse(basedOn.asOf ?? taken ?? '');
  return Number.isNaN(time) ? undefined : time;
}
