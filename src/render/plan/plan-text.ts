import type { RolloutPlan, StageState } from '../../domain/rollout/plan.ts';
import { escapeTerminal } from '../escape.ts';
import type { Paint, Style } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { wrapText } from '../text/wrap.ts';
import { planSummary, type PlanSummary } from './plan-summary.ts';

export interface PlanTextOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** The folder that the bundle was written to, if it was. */
  readonly out?: string;
}

const OBSTACLES_SHOWN = 3;
const ROWS_SHOWN = 20;

/** The plan for a terminal: what it rests on, the table of stages, what is blocked and by what, exceptions, and what to do next; with a final newline. */
export function renderPlanText(plan: RolloutPlan, options: PlanTextOptions): string {
  const { style, width } = options;
  const summary = planSummary(plan, options.out);
  const line = (text: string, indent = '', hanging = indent): string =>
    wrapText(escapeTerminal(text), { width, indent, hanging });
  const warnings = [summary.waiver, ...summary.warnings.map((warning) => `warning: ${warning}`)];
  const parts = [
    [style.bold(line(summary.headline)), line(summary.basis)],
    warnings.filter((text) => text !== '').map((text) => style.yellow(line(text))),
    [stageTable(summary, options)],
    [line(summary.counts), line(summary.calls)],
    section('Blocked or outlined', blockedLines(summary), options),
    section('Exceptions', capped(summary.exceptions, 'in README.md of the bundle'), options),
    // A command is never broken over lines: it is there to be copied.
    [
      line(`Next: ${summary.next.text}`),
      ...(summary.next.command === undefined ? [] : [`  ${escapeTerminal(summary.next.command)}`]),
    ],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function stageTable({ stages }: PlanSummary, { style, width }: PlanTextOptions): string {
  return renderTable({
    columns: [
      { header: 'NUMBER' },
      { header: 'STAGE', wrap: true, minWidth: 16 },
      { header: 'STATE', minWidth: 7 },
      { header: 'EFFECT', wrap: true, minWidth: 16 },
    ],
    rows: stages.map(({ number, id, stage, effect }) => [
      number,
      id,
      { text: stage.state, paint: paintOf(stage.state, style) },
      effect,
    ]),
    width,
    paintHeader: style.bold,
  });
}

function paintOf(state: StageState, style: Style): Paint {
  switch (state) {
    case 'ready':
      return style.green;
    case 'waived':
      return style.yellow;
    case 'blocked':
      return style.red;
    case 'outline':
      return style.dim;
    case 'done':
      return style.cyan;
  }
}

function section(title: string, items: readonly string[], { style, width }: PlanTextOptions): readonly string[] {
  if (items.length === 0) return [];
  const wrapped = items.map((item) => wrapText(escapeTerminal(item), { width, indent: '  ', hanging: '    ' }));
  return [style.bold(title), ...wrapped];
}

function blockedLines({ blocked }: PlanSummary): readonly string[] {
  const lines = blocked.map(({ id, state, obstacles }) => {
    const shown = obstacles.slice(0, OBSTACLES_SHOWN).map(({ what, remedy }) => `${what} (${remedy})`);
    const more = obstacles.length - shown.length;
    return `${id} is ${state}: ${[...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])].join('; ')}`;
  });
  return capped(lines, 'in plan.json');
}

function capped(items: readonly string[], where: string): readonly string[] {
  const more = items.length - ROWS_SHOWN;
  return more > 0 ? [...items.slice(0, ROWS_SHOWN), `and ${String(more)} more, ${where}`] : items;
}
