import { sortedUnique } from '../../../lib/order.ts';
import { KEPT_WORDS } from './kept-words.ts';
import { orderedCodes } from './ordered-codes.ts';

/** Gives a word (letters only) its pseudonym in the word's own case; a word that stays is given back as it is. */
export type Pseudonym = (word: string) => string;

/** Words of a world, in lower case: those that name something, all that occur, and those beside an asterisk. */
export interface WordsFound {
  readonly naming: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** `car` in `car*`. */
  readonly starts: ReadonlySet<string>;
  /** `art` in `*art`. */
  readonly ends: ReadonlySet<string>;
  /** Those of names that rules sort by. */
  readonly sorted: ReadonlySet<string>;
}

/**
 * Pseudonyms for the naming words, all of one length and in the order of the words, those that stay among them. The same words give the same
 * pseudonyms. Where a pattern such as `car*` meets a part of a word, the words that it meets are replaced letter by
 * letter, so that it goes on meeting them and no others.
 */
export function pseudonymsFor(found: WordsFound): Pseudonym {
  const patterns = patternsOf(found);
  const spelt = new Set([...found.all].filter((word) => !KEPT_WORDS.has(word) && isMet(word, patterns)));
  const hidden = new Set([...found.naming].filter((word) => word.length > 1 && !KEPT_WORDS.has(word)));
  const partsOf = (word: string): readonly string[] => (spelt.has(word) ? spell(word, patterns) : [word]);
  const words = sortedUnique([...hidden, ...spelt].flatMap(partsOf));
  const stays = (word: string): boolean => !hidden.has(word) && !spelt.has(word);
  const fixed = [...found.starts, ...found.ends].filter((fragment) => patterns.fixed.has(fragment) || stays(fragment));
  const codes = orderedCodes(
    words.filter((word) => !patterns.fixed.has(word)),
    {
      anchors: new Set([...found.sorted].filter(stays)),
      isTaken: (code) => found.all.has(code) || KEPT_WORDS.has(code),
      isMet: (code) => fixed.some((fragment) => startsWith(code, fragment) || endsWith(code, fragment)),
    },
  );
  return (word) => {
    const lower = word.toLowerCase();
    if (!hidden.has(lower) && !spelt.has(lower)) return word;
    const pseudonym = partsOf(lower)
      .map((part) => codes.get(part) ?? part)
      .join('');
    return inCaseOf(word, pseudonym);
  };
}

interface Patterns {
  readonly starts: readonly string[];
  readonly ends: readonly string[];
  /** Those that meet a word which stays, so that they must stay themselves. */
  readonly fixed: ReadonlySet<string>;
}

/** The patterns that meet a part of some word, longest first. */
function patternsOf({ all, starts, ends }: WordsFound): Patterns {
  const words = [...all];
  const meeting = (fragments: ReadonlySet<string>, meets: (word: string, fragment: string) => boolean): string[] =>
    sortedUnique(fragments)
      .filter((fragment) => words.some((word) => word !== fragment && meets(word, fragment)))
      .sort((left, right) => right.length - left.length);
  const kept = words.filter((word) => KEPT_WORDS.has(word));
  const [atStart, atEnd] = [meeting(starts, startsWith), meeting(ends, endsWith)];
  const fixed = new Set([
    ...atStart.filter((fragment) => kept.some((word) => startsWith(word, fragment))),
    ...atEnd.filter((fragment) => kept.some((word) => endsWith(word, fragment))),
  ]);
  return { starts: atStart, ends: atEnd, fixed };
}

function startsWith(word: string, fragment: string): boolean {
  return word.startsWith(fragment);
}

function endsWith(word: string, fragment: string): boolean {
  return word.endsWith(fragment);
}

function isMet(word: string, { starts, ends }: Patterns): boolean {
  return starts.some((start) => startsWith(word, start)) || ends.some((end) => endsWith(word, end));
}

/** The word letter by letter, but for what must stay of it. */
function spell(word: string, { starts, ends, fixed }: Patterns): readonly string[] {
  const start = starts.find((one) => fixed.has(one) && startsWith(word, one)) ?? '';
  const rest = word.slice(start.length);
  const end = ends.find((one) => fixed.has(one) && endsWith(rest, one)) ?? '';
  const middle = rest.slice(0, rest.length - end.length);
  return [start, ...middle, end].filter((part) => part !== '');
}

function inCaseOf(word: string, pseudonym: string): string {
  if (word === word.toLowerCase()) return pseudonym;
  if (word === word.toUpperCase()) return pseudonym.toUpperCase();
  return pseudonym.charAt(0).toUpperCase() + pseudonym.slice(1);
}
