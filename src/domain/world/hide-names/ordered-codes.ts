import { sortedUnique } from '../../../lib/order.ts';

/** No vowels, so that a pseudonym is no word. In the order of the alphabet. */
const LETTERS = 'bcdfghjklmnpqrstvwxz';
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
/** Patterns may be made to meet every pseudonym; then some do. */
const MOST_SKIPPED = 6000;
/** Two anchors that agree in more letters are not told apart: the code would show the word. */
const LONGEST_LEAD = 4;

/** What the codes must fit. */
export interface CodeRules {
  /** Words that stay and are compared with the hidden ones, in lower case. */
  readonly anchors: ReadonlySet<string>;
  /** Whether the text may not be a code. */
  readonly isTaken: (code: string) => boolean;
  /** Whether a pattern that stays would meet the code, which is avoided as long as others are left. */
  readonly isMet: (code: string) => boolean;
}

/**
 * A code for each word, all of one length, none twice. The codes lie among themselves and among the anchors in the
 * alphabet as the words do: where two policies are of one age, their names decide which counts. Single letters, which
 * stand for parts of words, lie only among themselves.
 */
export function orderedCodes(words: readonly string[], rules: CodeRules): ReadonlyMap<string, string> {
  const anchors = sortedUnique(rules.anchors);
  const leads = words.map((word) => (word.length === 1 ? '' : leadBefore(word, anchors)));
  const counted = digitsFor(MOST_SKIPPED + 2 * words.length);
  const length = Math.max(0, ...leads.map((lead) => lead.length)) + counted;
  const used = new Set<string>();
  const next = new Map<string, number>();
  const codes = new Map<string, string>();
  let skipped = 0;
  for (const [index, word] of words.entries()) {
    const lead = leads[index] ?? '';
    for (;;) {
      const number = next.get(lead) ?? 0;
      next.set(lead, number + 1);
      const code = lead + codeOf(number, length - lead.length);
      if (used.has(code) || rules.isTaken(code)) continue;
      if (skipped < MOST_SKIPPED && rules.isMet(code)) {
        skipped += 1;
        continue;
      }
      used.add(code);
      codes.set(word, code);
      break;
    }
  }
  return codes;
}

/** The shortest text with which everything begins that lies between the word's two neighbours among the anchors. */
function leadBefore(word: string, anchors: readonly string[]): string {
  const above = anchors.findIndex((anchor) => anchor > word);
  const [lower, upper] = above < 0 ? [anchors.at(-1), undefined] : [anchors[above - 1], anchors[above]];
  if (lower === undefined && upper === undefined) return '';
  for (let length = 1; length <= LONGEST_LEAD; length += 1) {
    const stems = sortedUnique([lower ?? '', upper ?? ''].map((anchor) => anchor.slice(0, length - 1)));
    const leads = stems
      .filter((stem) => stem.length === length - 1)
      .flatMap((stem) => Array.from(LETTERS + ALPHABET).map((letter) => stem + letter));
    const lead = leads.find((one) => one > (lower ?? '') && isBelow(one, upper));
    if (lead !== undefined) return lead;
  }
  return '';
}

function isBelow(lead: string, upper: string | undefined): boolean {
  return upper === undefined || (lead < upper && !upper.startsWith(lead));
}

function digitsFor(count: number): number {
  let length = 3;
  while (LETTERS.length ** length < count) length += 1;
  return length;
}

function codeOf(index: number, length: number): string {
  let rest = index;
  let code = '';
  while (code.length < length) {
    code = LETTERS.charAt(rest % LETTERS.length) + code;
    rest = Math.floor(rest / LETTERS.length);
  }
  return code;
}
