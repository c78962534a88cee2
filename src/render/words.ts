import { formatRef } from '../domain/kubernetes/object.ts';
import type { Evidence } from '../domain/world/evidence.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import type { Item } from './document.ts';
import { shellQuote } from './escape.ts';

/** The evidence on one line: object, field and value, then what follows from them. Raw text. */
export function evidenceWords(evidence: Evidence): string {
  const where = whereWords(evidence);
  const source = evidence.source === undefined ? '' : ` (${evidence.source})`;
  return `${where === '' ? '' : `${where}: `}${evidence.rule}${source}`;
}

/** What names the place that a claim is about: `Service shop/db, spec.ports[0].name = "tcp"`. */
export function whereWords(place: Omit<Evidence, 'rule' | 'source'>): string {
  const object = place.object === undefined ? [] : [formatRef(place.object)];
  const value = place.value === undefined ? '' : place.value;
  if (place.field === undefined) return [...object, ...(value === '' ? [] : [value])].join(', ');
  return [...object, value === '' ? place.field : `${place.field} = ${value}`].join(', ');
}

/** So many things, as `1 check` and `2 checks`. */
export function countOf(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first few, and how many more there are. */
export function firstFew(texts: readonly string[], limit: number): string {
  const more = texts.length - limit;
  return more <= 0 ? texts.join(', ') : `${texts.slice(0, limit).join(', ')} and ${String(more)} more`;
}

/** What was not read whole and what was set aside: nothing that is missing may look like nothing being there. */
export function gapItems({ coverage, setAside, warnings }: ResultHead, limit = 10): readonly Item[] {
  const gaps = coverage.filter(({ state }) => state !== 'read' && state !== 'absent');
  const all = [
    ...gaps.map(
      ({ kind, state, reason }) => `not read whole: ${kind} (${state}${reason === undefined ? '' : `: ${reason}`})`,
    ),
    ...setAside.map(
      ({ file, line, reason }) => `set aside: ${file}${line === undefined ? '' : `:${String(line)}`}: ${reason}`,
    ),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  const more = all.length - limit;
  const shown = all.slice(0, limit).map((text): Item => ({ text, tone: 'warn' }));
  return more <= 0 ? shown : [...shown, { text: `and ${String(more)} more (-o json lists them)`, tone: 'warn' }];
}

/** A word for a POSIX shell; `=` within a word that is not the first is no assignment and needs no quotes. */
export function commandWord(word: string): string {
  return /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+,=-]*$/.test(word) ? word : shellQuote(word);
}
