import type { RolloutPlan, StageState } from '../../domain/rollout/plan.ts';
import { escapeTerminal } from '../escape.ts';
import type { Paint, Style } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { wrapLines, wrapText } from '../text/wrap.ts';
import { planSummary, type BlockedStage, type PlanSummary } from './plan-summary.ts';

export interface PlanTextOptions {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** The folder that the bundle was written to, if it was. */
  readonly out?: string;
}

const LINES_SHOWN = 2;
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
    blockedSection(summary, options),
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

/** Columns that a row needs beside the id: number, state, the least of the effect, and the gaps. */
const OTHER_COLUMNS = 35;

function stageTable({ stages }: PlanSummary, { style, width }: PlanTextOptions): string {
  return renderTable({
    columns: [
      { header: 'NUMBER' },
      {
        header: 'STAGE',
        wrap: true,
        minWidth: idWidth(
          stages.map(({ id }) => id),
          width,
        ),
      },
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

const SLUG = /^[a-z0-9.-]+$/;

/** As wide as the longest id, so that each can be copied whole, as far as the other columns keep room. */
function idWidth(ids: readonly string[], width: number): number {
  const longest = ids.filter((id) => SLUG.test(id)).reduce((most, { length }) => Math.max(most, length), 0);
  return Math.max(16, Math.min(longest, width - OTHER_COLUMNS));
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

/** A few lines for each stage that is blocked by itself; those that only wait for another stage are told in one. */
function blockedSection({ blocked }: PlanSummary, options: PlanTextOptions): readonly string[] {
  if (blocked.length === 0) return [];
  const groups = grouped(blocked);
  const lines = groups.slice(0, ROWS_SHOWN).flatMap((group) => groupLines(group, options.width));
  const more = groups.length - ROWS_SHOWN;
  return [
    options.style.bold('Blocked or outlined'),
    ...lines,
    ...(more > 0 ? [`  and ${String(more)} more, in plan.json`] : []),
  ];
}

/** The main reason on two lines at most, with its remedy where there is room, and where the rest stands. */
function groupLines({ stage, followers }: Group, width: number): readonly string[] {
  const [main, ...others] = stage.obstacles;
  const name = followers === 0 ? `${stage.id} is ${stage.state}` : `${stage.id} and ${String(followers)} after it`;
  const wrap = (text: string, indent: string): readonly string[] =>
    wrapLines(escapeTerminal(text), { width, indent, hanging: '    ' });
  if (main === undefined) return wrap(name, '  ');
  const whole = [`${name}: ${main.what} (${main.remedy})`, `${name}: ${main.what}`]
    .map((text) => wrap(text, '  '))
    .find((lines) => lines.length <= LINES_SHOWN);
  const lines = whole ?? [...wrap(`${name}:`, '  '), ...wrap(main.what, '    ').slice(0, LINES_SHOWN)];
  const isCut = whole === undefined && wrap(main.what, '    ').length > LINES_SHOWN;
  const rest = [...(isCut ? ['...'] : []), ...(others.length > 0 ? [`and ${String(others.length)} more`] : [])];
  return rest.length === 0 ? lines : [...lines, `    ${rest.join(' ')} (see ${escapeTerminal(stage.page)})`];
}

interface Group {
  readonly stage: BlockedStage;
  /** How many stages in a row after it only wait for the one before them. */
  readonly followers: number;
}

function grouped(blocked: readonly BlockedStage[]): readonly Group[] {
  const groups: { stage: BlockedStage; followers: number }[] = [];
  for (const stage of blocked) {
    const last = groups.at(-1);
    if (last !== undefined && waits(last.stage) && reasonOf(stage) === reasonOf(last.stage)) last.followers += 1;
    else groups.push({ stage, followers: 0 });
  }
  return groups;
}

function waits({ obstacles }: BlockedStage): boolean {
  return obstacles.length > 0 && obstacles.every(({ kind }) => kind === 'stage');
}

function reasonOf({ state, obstacles }: BlockedStage): string {
  return [state, ...obstacles.map(({ what }) => what)].join(' ');
}

function capped(items: readonly string[], where: string): readonly string[] {
  const more = items.length - ROWS_SHOWN;
  return more > 0 ? [...items.slice(0, ROWS_SHOWN), `and ${String(more)} more, ${where}`] : items;
}
