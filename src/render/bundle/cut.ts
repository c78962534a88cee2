import { joined, markdown, type Markdown } from './markdown.ts';

/** How many names a sentence bears. */
const NAMES_SHOWN = 12;

export const FILES_SHOWN = 20;

/** The beginning of a list, and how many more there are, in words; empty where that is all. */
export function capped<T>(items: readonly T[], most: number): { readonly shown: readonly T[]; readonly more: string } {
  const more = items.length - most;
  // One more line says no less than a line that says so.
  if (more <= 1) return { shown: items, more: '' };
  return { shown: items.slice(0, most), more: `and ${String(more)} more: see plan.json` };
}

/** The names in a row, cut where they are many; nothing where there are none. */
export function cut(names: readonly Markdown[], most = NAMES_SHOWN): Markdown {
  const { shown, more } = capped(names, most);
  return joined(more === '' ? shown : [...shown, markdown(more)], ', ');
}

/** A name, and what it is called: `port 8080`, or the sentence's `and`. */
const WORDS_OF_NAME = 3;

/** Text of which every enumeration of many names is cut; what stands around it, and so its last name, stays. */
export function withFewNames(text: string): string {
  const parts = text.split(', ');
  const kept: string[] = [];
  for (let place = 0; place < parts.length; place += 1) {
    const length = namesFrom(parts, place);
    const more = length - NAMES_SHOWN;
    kept.push(...parts.slice(place, place + (more > 1 ? NAMES_SHOWN : Math.max(length, 1))));
    if (more > 1) kept.push(`${String(more)} more (see plan.json)`);
    place += Math.max(length, 1) - 1;
  }
  return kept.join(', ');
}

/** How many parts in a row are no more than a name; the last part of all ends the text, and stays. */
function namesFrom(parts: readonly string[], start: number): number {
  let end = start;
  while (end < parts.length - 1 && (parts[end] ?? '').split(' ').length <= WORDS_OF_NAME) end += 1;
  return end - start;
}
