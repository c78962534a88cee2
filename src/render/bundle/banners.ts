import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { markdown, type Markdown } from './markdown.ts';

const OBSTACLES_SHOWN = 20;

/** Whether the plan was made on weaker evidence than what was observed. */
export function isWaived(plan: RolloutPlan): boolean {
  return plan.acceptEvidence === 'declared' || plan.acceptEvidence === 'inferred';
}

/** The sentence that every page of a plan on weaker evidence begins with; empty for any other plan. */
export function waiverText(plan: RolloutPlan): string {
  if (!isWaived(plan)) return '';
  return (
    `WAIVED: this plan was made with --accept-evidence ${plan.acceptEvidence}. ` +
    'Stages that cut traffic may rest on calls that nobody observed; a caller that the evidence does not show is cut off.'
  );
}

/** The waiver as a quotation, or nothing. */
export function waiverBanner(plan: RolloutPlan): Markdown {
  const text = waiverText(plan);
  return markdown(text === '' ? '' : quoted([emphasised(text)]));
}

/** What a page of the stage begins with: why it cannot be applied, and the plan's waiver. */
export function stageBanner(plan: RolloutPlan, stage: Stage): Markdown {
  const waiver = waiverText(plan);
  const blocks = [stateLines(stage), waiver === '' ? [] : [emphasised(waiver)]];
  return markdown(
    blocks
      .filter((lines) => lines.length > 0)
      .map(quoted)
      .join('\n\n'),
  );
}

function stateLines(stage: Stage): readonly string[] {
  const missing = missingLines(stage);
  switch (stage.state) {
    case 'blocked':
      return ['**BLOCKED: do not apply.** What is in `draft/` is for reading only. In the way:', ...missing];
    case 'outline':
      return ['**OUTLINE: there is nothing to apply.** Plan again once this is known:', ...missing];
    case 'waived':
      return ['**WAIVED: written out on weaker evidence than observed calls, because it was asked for.**', ...missing];
    case 'done':
      return ['**DONE: the cluster is already there.**'];
    case 'ready':
      return [];
  }
}

function missingLines(stage: Stage): readonly string[] {
  if (stage.blockedBy.length === 0) return [];
  const more = stage.blockedBy.length - OBSTACLES_SHOWN;
  return [
    '',
    ...stage.blockedBy
      .slice(0, OBSTACLES_SHOWN)
      .map(({ kind, what, remedy }) => `- ${kind}: ${escapeMarkdown(what)}. Remedy: ${escapeMarkdown(remedy)}`),
    ...(more > 0 ? [`- and ${String(more)} more, in plan.json`] : []),
  ];
}

function quoted(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '>' : `> ${line}`)).join('\n');
}

function emphasised(text: string): string {
  const colon = text.indexOf(':');
  return `**${escapeMarkdown(text.slice(0, colon + 1))}**${escapeMarkdown(text.slice(colon + 1))}`;
}
