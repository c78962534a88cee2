import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { cut } from './cut.ts';
import { bandText } from './effort-words.ts';
import { code, markdown, plain, type Markdown } from './markdown.ts';
import {
  dateAfter,
  durationOf,
  freezeConflicts,
  hoursOf,
  kindRows,
  openSpans,
  spansOf,
  type Span,
} from './schedule.ts';

/** How long, how much work, how risky, and what stands in the calendar. */
export function calendarPart(plan: RolloutPlan): object {
  const spans = spansOf(plan);
  const ready = openSpans(plan, spans);
  return {
    duration: totals(plan, spans),
    readyDuration: ready.length === spans.length ? '' : totals(plan, ready),
    kinds: kindRows(spans).map((row) => ({
      kind: row.kind,
      stages: String(row.stages),
      hours: bandText(row.hours, 'hour'),
      when: whenText(plan, row.begins, row.ends),
      risk: row.risk,
    })),
    freezes: freezeLines(plan, spans),
  };
}

function totals(plan: RolloutPlan, spans: readonly Span[]): string {
  if (spans.length === 0) return 'nothing is left to do';
  const days = durationOf(spans);
  const ends = dateAfter(plan, days.to);
  const until = ends === undefined ? '' : `, so until ${ends} at the latest`;
  return `${bandText(days, 'day')}${until}; ${bandText(hoursOf(spans), 'hour')} of people's attention`;
}

function whenText(plan: RolloutPlan, begins: number, ends: number): string {
  const from = dateAfter(plan, begins);
  const to = dateAfter(plan, ends);
  if (from === undefined || to === undefined) return `day ${String(begins)} to ${String(ends)}`;
  return `${from} to ${to}`;
}

function freezeLines(plan: RolloutPlan, spans: readonly Span[]): readonly Markdown[] {
  const { freezes } = plan.choices;
  if (freezes.length === 0) return [];
  if (dateAfter(plan, 0) === undefined) {
    return [markdown('Not assessed: no time given (`--at`), so that no stage has a date.')];
  }
  const conflicts = freezeConflicts(plan, spans);
  if (conflicts.length === 0) return [markdown('None of the freezes in meshwise.yaml falls into the rollout.')];
  return conflicts.map(({ freeze, stages }) => {
    const span = `${freeze.from} to ${freeze.to}`;
    const names = cut(stages.map(({ id }) => code(id))).markdown;
    return markdown(`${plain(span).markdown} (${plain(freeze.reason).markdown}) falls into the time of ${names}`);
  });
}
