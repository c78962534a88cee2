/** Characters that take no column of their own: combining marks and joiners. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** East Asian wide and fullwidth blocks, and emoji, which terminals draw over two columns (https://www.unicode.org/reports/tr11/). */
const DOUBLE_WIDTH =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

/** Columns that the text takes in a terminal; it must hold no colour codes and no control characters. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The longest beginning of the text that fits into so many columns. */
export function takeWidth(text: string, columns: number): string {
  let taken = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

/** The text if it fits into so many columns, else its beginning and an ellipsis. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${takeWidth(text, columns - 1)}…`;
}

/** The text if it fits into so many columns, else its beginning and its end with an ellipsis between them. */
export function truncateMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 3) return truncate(text, columns);
  const tail = Math.floor((columns - 1) / 2);
  const end = [...takeWidth([...text].reverse().join(''), tail)].reverse().join('');
  return `${takeWidth(text, columns - 1 - displayWidth(end))}…${end}`;
}

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}
