import type { Condition, Stage } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { shellLine } from './commands.ts';
import { capped } from './cut.ts';
import { codeBlock, indented, markdown, type Markdown } from './markdown.ts';

/** The assumptions that no condition of the exit gate repeats already. */
export function ungatedAssumptions({ assumptions, exitGate }: Stage): readonly string[] {
  return assumptions.filter((assumption) => !exitGate.some(({ text }) => text.includes(assumption)));
}

type Bullet = '- [ ]' | '-';

export interface ConditionListOptions {
  readonly bullet?: Bullet;
  /** Conditions that the page has shown before: they are named here, without their queries. */
  readonly told?: readonly Condition[];
}

const CONDITIONS_SHOWN = 25;

/** Longer queries are folded away, so that the page stays one that people read. */
const QUERY_UNFOLDED = 160;

/** The conditions as a list to tick off, each with the command and query that show it. */
export function conditionList(conditions: readonly Condition[], options: ConditionListOptions = {}): Markdown {
  const { bullet = '- [ ]', told = [] } = options;
  const { shown, more } = capped(conditions, CONDITIONS_SHOWN);
  const items = shown.map((condition) =>
    told.some((other) => isSame(other, condition))
      ? `${bullet} ${escapeMarkdown(condition.text)} (As in the entry gate.)`
      : conditionItem(condition, bullet),
  );
  return markdown(
    [...items, ...(more === '' ? [] : [`${bullet} ${more.replace('plan.json', 'gate.yaml')}`])].join('\n'),
  );
}

function isSame(one: Condition, other: Condition): boolean {
  return one.text === other.text && one.promql === other.promql && one.proof === other.proof;
}

/** A condition to tick off is met while its query is silent; an abort sign shows while its query speaks. */
const WORDS = {
  '- [ ]': {
    proof: 'Green only with',
    query: 'Not met while this returns a value',
    source: 'Unknown while this returns nothing',
  },
  '-': {
    proof: 'Its absence means something only with',
    query: 'It shows while this returns a value',
    source: 'Its absence means nothing while this returns nothing',
  },
} as const;

function conditionItem(condition: Condition, bullet: Bullet): string {
  const { promql, proof, positiveEvidence } = condition;
  const words = WORDS[bullet];
  const lines = [`${bullet} ${escapeMarkdown(condition.text)}`];
  if (positiveEvidence !== undefined) lines.push(`  - ${words.proof}: ${escapeMarkdown(positiveEvidence)}`);
  if (condition.command !== undefined) lines.push(block('sh', shellLine(condition.command)));
  const queries = [
    ...(promql === undefined ? [] : [{ title: words.query, query: promql }]),
    ...(proof === undefined ? [] : [{ title: words.source, query: proof }]),
  ];
  return [...lines, ...queries.flatMap(queryLines)].join('\n');
}

function queryLines({ title, query }: { readonly title: string; readonly query: string }): readonly string[] {
  if (query.length <= QUERY_UNFOLDED) return [`  - ${title}:`, block('promql', query)];
  return [`\n  <details><summary>${title} (PromQL)</summary>`, block('promql', query), '  </details>\n'];
}

function block(language: 'sh' | 'promql', text: string): string {
  return `\n${indented(codeBlock(language, text.split('\n')), 2).markdown}\n`;
}
