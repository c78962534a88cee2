import type { Exception, RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { stageOf } from '../../domain/rollout/stage-places.ts';
import { formatWorkload } from '../../domain/world/workload.ts';
import { groupBy } from '../../lib/order.ts';
import { cut } from './cut.ts';
import { code, joined, link, markdown, type Markdown } from './markdown.ts';
import { stageFolder, stageNumber } from './names.ts';

/** What fits into a cell; the stage's page has the rest. */
const CELL_LENGTH = 110;

/** One row of an exceptions register. */
export function exceptionRow(exception: Exception): object {
  const { workload, layer, ports, reason, owner, expires } = exception;
  const shown = ports.length === 0 ? 'all' : ports.map(String).join(', ');
  return { workload: code(formatWorkload(workload)), layer, ports: shown, reason, owner, expires };
}

/** One row of the checklist: number, page, state, title, numbers of the stages before it, what blocks it. */
export function stageRow(plan: RolloutPlan, stage: Stage): object {
  const after = stage.dependsOn.map((id) => {
    const other = stageOf(plan.stages, id);
    return other === undefined ? code(id) : markdown(stageNumber(plan, other));
  });
  return {
    number: stageNumber(plan, stage),
    page: link(stage.id, `${stageFolder(plan, stage)}/README.md`),
    state: stage.state,
    title: stage.title,
    after: after.length === 0 ? '' : joined(after, ', '),
    blockedBy: blockedByText(stage),
  };
}

/** What is in the way of a stage, cut to a cell: the first obstacle and how many more; empty where nothing is. */
export function blockedByText({ blockedBy }: Stage): string {
  const [first] = blockedBy;
  if (first === undefined) return '';
  const letters = Array.from(first.what);
  const what = letters.length <= CELL_LENGTH ? first.what : `${letters.slice(0, CELL_LENGTH).join('')}...`;
  const more = blockedBy.length - 1;
  return more === 0 ? what : `${what}; and ${String(more)} more`;
}

/** The waves with the workloads that each takes in, in order. */
export function waveRows(plan: RolloutPlan): readonly object[] {
  const staged = plan.stages.flatMap((stage) => (stage.wave === undefined ? [] : [{ wave: stage.wave, stage }]));
  const waves = [...groupBy(staged, ({ wave }) => wave)].sort(([left], [right]) => left - right);
  return waves.map(([wave, members]) => ({
    wave: String(wave),
    stages: cut(members.map(({ stage }) => link(stage.id, `${stageFolder(plan, stage)}/README.md`))),
    workloads: members.reduce((sum, { stage }) => sum + stage.scope.workloads.length, 0),
  }));
}

/** What was read and what was not, kind by kind where something is missing. */
export function coverageParts(plan: RolloutPlan): { readonly coverage: string; readonly gaps: readonly Markdown[] } {
  const whole = plan.coverage.filter(({ state }) => state === 'read' || state === 'absent');
  const gaps = plan.coverage.filter((entry) => !whole.includes(entry));
  const objects = plan.coverage.reduce((sum, entry) => sum + entry.objects, 0);
  return {
    coverage: `objects: ${String(objects)}; kinds read whole or not served: ${String(whole.length)}, not or only in part: ${String(gaps.length)}`,
    gaps: gaps.map(({ kind, state, reason }) => {
      const because = reason === undefined ? '' : `: ${reason}`;
      return markdown(`${code(kind).markdown} ${code(`${state}${because}`).markdown}`);
    }),
  };
}
