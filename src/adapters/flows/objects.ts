/** The text of an innermost JSON object, and the place of the line on which it begins. */
export interface ObjectText {
  readonly place: string;
  readonly text: string;
}

/** Finds flat JSON objects in lines, wherever line breaks stand, without holding more than one. */
export interface Objects {
  /** The objects that end in the line. */
  readonly add: (line: string, place: string) => readonly ObjectText[];
  /** The places of an object that was begun and not ended. */
  readonly unfinished: () => readonly string[];
}

const LONGEST = 64 * 1024;

interface Scan {
  open: { readonly place: string; text: string } | undefined;
}

/** No text seen yet. An object within another makes the outer one unreadable; the inner one begins anew. */
export function createObjects(): Objects {
  const scan: Scan = { open: undefined };
  return {
    add: (line, place) => scanLine(scan, line, place),
    unfinished: () => (scan.open === undefined ? [] : [scan.open.place]),
  };
}

/** No text of JSON goes beyond its line. */
function scanLine(scan: Scan, line: string, place: string): readonly ObjectText[] {
  const found: ObjectText[] = [];
  let from = 0;
  let inText = false;
  for (let index = 0; index < line.length; index += 1) {
    const sign = line[index];
    if (sign === '"') inText = !inText;
    else if (inText) index += sign === '\\' ? 1 : 0;
    else if (sign === '{') {
      scan.open = { place, text: '' };
      from = index;
    } else if (sign === '}' && scan.open !== undefined) {
      found.push({ place: scan.open.place, text: scan.open.text + line.slice(from, index + 1) });
      scan.open = undefined;
    }
  }
  if (scan.open !== undefined) scan.open.text += `${line.slice(from)}\n`;
  if ((scan.open?.text.length ?? 0) > LONGEST) scan.open = undefined;
  return found;
}
