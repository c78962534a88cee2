import { displayWidth } from '../../../src/render/text/width.ts';

/** The lines wider than so many columns; an address that stands alone may be, because cut it could not be followed. */
export function longLines(text: string, columns: number): readonly string[] {
  return text.split('\n').filter((line) => displayWidth(line) > columns && !/^\s*- https:\/\/\S+$/.test(line));
}
