import type { Condition, Stage } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { shellLine } from './commands.ts';
import { codeBlock, indented, markdown, type Markdown } from './markdown.ts';

/** The assumptions that no condition of the exit gate repeats already. */
export function ungatedAssumptions({ assumptions, exitGate }: Stage): readonly string[] {
  return assumptions.filter((assumption) => !exitGate.some(({ text }) => text.includes(assumption)));
}

/** The conditions as a list to tick off, each with the command and query that show it. */
export function conditionList(conditions: readonly Condition[], bullet: '- [ ]' | '-' = '- [ ]'): Markdown {
  return markdown(conditions.map((condition) => conditionItem(condition, bullet)).join('\n'));
}

/** A condition to tick off is met while its query is silent; an abort sign shows while its query speaks. */
const WORDS = {
  '- [ ]': { proof: 'Green only with', query: 'Not met while this returns a value' },
  '-': { proof: 'Its absence means something only with', query: 'It shows while this returns a value' },
} as const;

function conditionItem(condition: Condition, bullet: keyof typeof WORDS): string {
  const proof = condition.positiveEvidence;
  const words = WORDS[bullet];
  const lines = [`${bullet} ${escapeMarkdown(condition.text)}`];
  if (proof !== undefined) lines.push(`  - ${words.proof}: ${escapeMarkdown(proof)}`);
  if (condition.command !== undefined) lines.push(block('sh', shellLine(condition.command)));
  if (condition.promql !== undefined) lines.push(`  - ${words.query}:`, block('promql', condition.promql));
  return lines.join('\n');
}

function block(language: 'sh' | 'promql', text: string): string {
  return `\n${indented(codeBlock(language, text.split('\n')), 2).markdown}\n`;
}
