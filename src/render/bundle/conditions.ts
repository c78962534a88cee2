import type { Condition, Stage } from '../../domain/rollout/plan.ts';
import { escapeMarkdown } from '../escape.ts';
import { shellLine } from './commands.ts';
import { conditionGroups, type ConditionGroup } from './condition-groups.ts';
import { conditionTable, formEvidence, formText } from './condition-table.ts';
import { capped, withFewNames } from './cut.ts';
import { code, codeBlock, indented, markdown, type Markdown } from './markdown.ts';

/** The assumptions that no condition of the exit gate repeats already. */
export function ungatedAssumptions({ assumptions, exitGate }: Stage): readonly string[] {
  return assumptions.filter((assumption) => !exitGate.some(({ text }) => text.includes(assumption)));
}

type Bullet = '- [ ]' | '-';

export interface ConditionListOptions {
  readonly bullet?: Bullet;
  /** Conditions that the page has shown before: they are named here, without their queries. */
  readonly told?: readonly Condition[];
  /** The file that has all conditions in full. */
  readonly file: 'gate.yaml' | 'plan.json';
}

const CONDITIONS_SHOWN = 25;

/** Longer queries are folded away, so that the page stays one that people read. */
const QUERY_UNFOLDED = 160;

/** The conditions as a list to tick off, each with the command and query that show it; many of one form in short. */
export function conditionList(conditions: readonly Condition[], options: ConditionListOptions): Markdown {
  const { bullet = '- [ ]', told = [], file } = options;
  const isTold = (condition: Condition): boolean => told.some((other) => isSame(other, condition));
  const { shown, more } = capped(conditionGroups(conditions, isTold), CONDITIONS_SHOWN);
  const items = shown.flatMap((group) => {
    const [first] = group.conditions;
    if (first === undefined) return [];
    if (isTold(first)) return [`${bullet} ${toldText(group)} (As in the entry gate.)`];
    return [group.isSummary ? groupItem(group, { bullet, file }) : conditionItem(first, bullet)];
  });
  return markdown([...items, ...(more === '' ? [] : [`${bullet} ${more.replace('plan.json', file)}`])].join('\n'));
}

function toldText({ conditions }: ConditionGroup): string {
  const count = conditions.length === 1 ? '' : `${String(conditions.length)} conditions of one form: `;
  return `${count}${formText(conditions)}`;
}

/** The conditions of one form as one item: what they say, and a row for each. */
function groupItem(group: ConditionGroup, { bullet, file }: Required<Omit<ConditionListOptions, 'told'>>): string {
  const { conditions } = group;
  const evidence = formEvidence(conditions);
  const where = file === 'gate.yaml' ? `${code(file).markdown} in the folder of the stage` : code(file).markdown;
  const asked = bullet === '-' ? '' : `${code('meshwise verify').markdown} asks each by itself; `;
  const lines = [
    `${bullet} ${toldText(group)}`,
    ...(evidence === '' ? [] : [`  - ${WORDS[bullet].proof}: ${evidence}`]),
    `  - By id: ${asked}text, commands and queries of each are in ${where}.`,
  ];
  const table = conditionTable(conditions, file).join('\n');
  return `${lines.join('\n')}\n\n${indented(markdown(table), 2).markdown}\n`;
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
  const lines = [`${bullet} ${escapeMarkdown(withFewNames(condition.text))}`];
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
