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
