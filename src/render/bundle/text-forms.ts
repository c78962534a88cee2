/** What texts of one form share, with numbers from 0 where each has names of its own, and these names text by text. */
export interface SharedForm {
  readonly pieces: readonly (string | number)[];
  readonly cells: readonly (readonly string[])[];
}

interface Piece {
  readonly isName: boolean;
  readonly text: string;
}

/** Names of objects, identities and ports have more than letters; where prose has such a word, all texts of a form have the same. */
const NAME = /[^\p{L}"'()]/u;

const PUNCTUATION = /[,.:;]+$/;

/** A key that two texts share where they differ in names alone. */
export function formOf(text: string): string {
  return JSON.stringify(piecesOf(text).map((piece) => (piece.isName ? 0 : piece.text)));
}

/** What the texts share and where they differ; they are of one form, and each is the pieces with its own cells. */
export function sharedForm(texts: readonly string[]): SharedForm {
  const split = texts.map(piecesOf);
  const cells: string[][] = texts.map(() => []);
  const pieces: (string | number)[] = [];
  for (const [place, { text }] of (split[0] ?? []).entries()) {
    const values = split.map((each) => each[place]?.text ?? '');
    const last = pieces.at(-1);
    if (values.some((value) => value !== text)) {
      pieces.push(pieces.filter((piece) => typeof piece === 'number').length);
      for (const [index, value] of values.entries()) cells[index]?.push(value);
    } else if (typeof last === 'string') pieces[pieces.length - 1] = last + text;
    else pieces.push(text);
  }
  return { pieces, cells };
}

/** Names that follow each other, and what stands between them: words, spaces, and the punctuation behind the names. */
function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let between = '';
  for (const { isName, words } of runsOf(text.split(' '))) {
    const run = words.join(' ');
    if (!isName) {
      between += `${run} `;
      continue;
    }
    const end = PUNCTUATION.exec(run)?.[0] ?? '';
    if (between !== '') pieces.push({ isName: false, text: between });
    pieces.push({ isName: true, text: run.slice(0, run.length - end.length) });
    between = `${end} `;
  }
  const rest = between.slice(0, -1);
  return rest === '' ? pieces : [...pieces, { isName: false, text: rest }];
}

interface Run {
  readonly isName: boolean;
  readonly words: string[];
}

function runsOf(words: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  for (const word of words) {
    const isName = NAME.test(word.replace(PUNCTUATION, ''));
    const last = runs.at(-1);
    if (last?.isName === isName) last.words.push(word);
    else runs.push({ isName, words: [word] });
  }
  return runs;
}
