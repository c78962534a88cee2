import { compareText } from '../../../src/lib/order.ts';

/** How often each word occurs, by word. */
export function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => compareText(a, b)));
}

/** The same as lines for people. */
export function asLines(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `  ${String(count).padStart(6)} ${word}\n`)
    .join('');
}
