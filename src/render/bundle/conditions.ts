import type { Condition } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { shellLine } from './commands.ts';
import { codeBlock, indented, markdown, type Markdown } from './markdown.ts';

/** The conditions as a list to tick off, each with the command and query that show it. */
export function conditionList(conditions: readonly Condition[], bullet: '- [ ]' | '-' = '- [ ]'): Markdown {
  return markdown(conditions.map((condition) => conditionItem(condition, bullet)).join('\n'));
}

function conditionItem(condition: Condition, bullet: string): string {
  const proof = condition.positiveEvidence;
  const lines = [`${bullet} ${escapeMarkdown(condition.text)}`];
  if (proof !== undefined) lines.push(`  - Green only with: ${escapeMarkdown(proof)}`);
  if (condition.command !== undefined) lines.push(block('sh', shellLine(condition.command)));
  if (condition.promql !== undefined)
    lines.push('  - Not met while this returns a value:', block('promql', condition.promql));
  return lines.join('\n');
}

function block(language: 'sh' | 'promql', text: string): string {
  return `\n${indented(codeBlock(language, text.split('\n')), 2).markdown}\n`;
}
