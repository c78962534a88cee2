import type { Column } from './text/table.ts';

/** How good or bad a piece of text is; the text says it too, because colour alone tells nobody enough. */
export type Tone = 'bad' | 'warn' | 'good' | 'plain';

/** One member of a list. All text is raw: each format escapes it for itself. */
export interface Item {
  readonly text: string;
  readonly tone?: Tone;
  /** Words to type, shown so that they can be copied. */
  readonly command?: readonly string[];
  /** What else to know of the command, put after it. */
  readonly note?: string;
  readonly items?: readonly Item[];
}

/** A piece of a document that every format can show. */
export type Part =
  | { readonly part: 'heading'; readonly text: string }
  | { readonly part: 'text'; readonly text: string; readonly tone?: Tone }
  | { readonly part: 'list'; readonly items: readonly Item[]; readonly numbered?: boolean }
  | { readonly part: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] };

/** A result in pieces: its title is for formats that have one, its first line comes first in all. */
export interface Document {
  readonly title: string;
  readonly first: string;
  readonly parts: readonly Part[];
}
