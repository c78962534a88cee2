import type { PlanChanges } from '../../domain/rollout/compare/plan-changes.ts';
import { escapeMarkdown, escapeTerminal } from '../escape.ts';
import type { Style } from '../text/style.ts';
import { wrapText } from '../text/wrap.ts';
import { changeSections, changeSummary } from './lines.ts';

/** What changed between two plans for a terminal of that many columns, with a final newline. */
export function renderPlanChanges(
  changes: PlanChanges,
  { style, width }: { readonly style: Style; readonly width: number },
): string {
  const line = (text: string, indent: string): string =>
    wrapText(escapeTerminal(text), { width, indent, hanging: `${indent}  ` });
  const sections = changeSections(changes).map(({ heading, lines }) =>
    [
      style.bold(heading),
      ...lines.flatMap(({ text, below }) => [line(text, '  '), ...below.map((each) => line(each, '    '))]),
    ].join('\n'),
  );
  return `${[line(changeSummary(changes), ''), ...sections].join('\n\n')}\n`;
}

/** The same as Markdown. */
export function renderPlanChangesMarkdown(changes: PlanChanges): string {
  const sections = changeSections(changes).map(({ heading, lines }) =>
    [
      `## ${heading}`,
      '',
      ...lines.flatMap(({ text, below }) => [
        `- ${escapeMarkdown(text)}`,
        ...below.map((each) => `  - ${escapeMarkdown(each)}`),
      ]),
    ].join('\n'),
  );
  return `${['# What changed in the rollout', escapeMarkdown(changeSummary(changes)), ...sections].join('\n\n')}\n`;
}
