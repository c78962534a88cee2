import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { codeBlock } from '../bundle/markdown.ts';
import { escapeMarkdown, markdownCode } from '../escape.ts';
import { planSummary, type PlanSummary } from './plan-summary.ts';

/** The plan as Markdown for a chat, a wiki or a job summary: table of stages, what is blocked and by what, exceptions, what to do next; with a final newline. */
export function renderPlanMarkdown(plan: RolloutPlan, out?: string): string {
  const summary = planSummary(plan, out);
  const sections = [
    `# ${escapeMarkdown(summary.headline)}`,
    escapeMarkdown(summary.basis),
    summary.waiver === '' ? '' : `> ${escapeMarkdown(summary.waiver)}`,
    summary.warnings.map((warning) => `- Warning: ${escapeMarkdown(warning)}`).join('\n'),
    stageTable(summary),
    `${escapeMarkdown(summary.counts)}. ${escapeMarkdown(summary.calls)}.`,
    titled('Blocked or outlined', blockedItems(summary)),
    titled(
      'Exceptions',
      summary.exceptions.map((exception) => `- ${escapeMarkdown(exception)}`),
    ),
    nextSection(summary),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function stageTable({ stages }: PlanSummary): string {
  return [
    '| Number | Stage | State | Effect |',
    '|---|---|---|---|',
    ...stages.map(
      ({ number, id, stage, effect }) =>
        `| ${number} | ${markdownCode(id)} | ${stage.state} | ${escapeMarkdown(effect)} |`,
    ),
  ].join('\n');
}

function blockedItems({ blocked }: PlanSummary): readonly string[] {
  return blocked.flatMap(({ id, state, obstacles }) => [
    `- ${markdownCode(id)} is ${state}${obstacles.length === 0 ? '' : ':'}`,
    ...obstacles.map(({ what, remedy }) => `  - ${escapeMarkdown(what)}. Remedy: ${escapeMarkdown(remedy)}`),
  ]);
}

function titled(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.join('\n')}`;
}

function nextSection({ next }: PlanSummary): string {
  const block = next.command === undefined ? '' : `\n\n${codeBlock('sh', [next.command]).markdown}`;
  return `## Next\n\n${escapeMarkdown(next.text)}${block}`;
}
