import type { Condition } from '../plan.ts';
import { told, type Told } from './tell.ts';

/** One row of an answer. */
export interface MetricRow {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What one server says to one query; `failed` says why it gives no answer that can be used. */
export type MetricAnswer =
  | { readonly source: string; readonly rows: readonly MetricRow[]; readonly notFinite?: number }
  | { readonly source: string; readonly failed: string };

/** What servers of metrics say, by query, one answer for each server in the order in which they were named. */
export interface MetricAnswers {
  readonly byQuery: ReadonlyMap<string, readonly MetricAnswer[]>;
  /** Why nobody was asked; absent where somebody was. */
  readonly notAsked?: string;
}

/** What is said where no server of metrics was named. */
export const NOBODY_ASKED: MetricAnswers = {
  byQuery: new Map(),
  notAsked: 'no Prometheus was asked: name it with --prometheus URL',
};

const SHOWN_ROWS = 3;
const LONGEST_ROW = 240;

/** The queries that conditions ask, each once, in order. */
export function queriesOf(conditions: readonly Condition[]): readonly string[] {
  return [...new Set(conditions.flatMap(({ promql, proof }) => [promql, proof].filter((query) => isQuery(query))))];
}

function isQuery(query: string | undefined): query is string {
  return query !== undefined && query.trim() !== '';
}

/**
 * The answer of the metrics to a condition: a value means unmet; an empty answer is met only where the proof shows that
 * the source was watched (https://github.com/prometheus/prometheus/issues/1673 for why silence alone says nothing).
 * Undefined for a condition without a query.
 */
export function measured({ promql, proof }: Condition, answers: MetricAnswers): Told | undefined {
  if (!isQuery(promql)) return undefined;
  if (answers.notAsked !== undefined) return { ...told('unknown', answers.notAsked), forPerson: true };
  const said = answers.byQuery.get(promql) ?? [];
  const rows = said.flatMap((answer) => ('rows' in answer ? answer.rows.map((row) => ({ row, answer })) : []));
  if (rows.length > 0) {
    const more = rows.length > SHOWN_ROWS ? [{ rule: `and ${String(rows.length - SHOWN_ROWS)} rows more` }] : [];
    const shown = rows.slice(0, SHOWN_ROWS).map(({ row, answer }) => ({ rule: `${answer.source}: ${rowText(row)}` }));
    return { state: 'unmet', evidence: [...shown, ...more] };
  }
  const odd = said.find((answer) => 'rows' in answer && (answer.notFinite ?? 0) > 0);
  if (odd !== undefined) return told('unmet', `${odd.source}: the answer is a value that is no finite number`);
  const failed = said.flatMap((answer) => ('failed' in answer ? [`${answer.source}: ${answer.failed}`] : []));
  if (failed.length > 0 || said.length === 0) {
    return told('unknown', failed.length === 0 ? 'the query was not answered' : failed.join('; '));
  }
  return proven(proof, answers);
}

function proven(proof: string | undefined, { byQuery }: MetricAnswers): Told {
  if (!isQuery(proof)) {
    return told('unknown', 'the answer is empty, and the plan has no query that proves that the source was watched');
  }
  const said = byQuery.get(proof) ?? [];
  for (const answer of said) {
    const [first] = 'rows' in answer ? answer.rows : [];
    if (first !== undefined) {
      return told('met', `${answer.source}: the answer is empty, and the source was watched: ${rowText(first)}`);
    }
  }
  const failed = said.flatMap((answer) => ('failed' in answer ? [`${answer.source}: ${answer.failed}`] : []));
  const why = failed.length === 0 ? 'the query that proves it has no answer' : failed.join('; ');
  return told('unknown', `the answer is empty, and the source was not watched in the whole window: ${why}`);
}

function rowText({ labels, value }: MetricRow): string {
  const inside = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const text = `{${inside.join(', ')}} ${String(value)}`;
  return text.length > LONGEST_ROW ? `${text.slice(0, LONGEST_ROW)}…` : text;
}
