import { Ansis } from 'ansis';

/** Puts colour codes around text, or gives it back as it is. */
export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
}

/** The paints of a terminal (16 colours), or paints that change nothing where no colour is wanted. */
export function createStyle(options: { readonly colour: boolean }): Style {
  const ansis = new Ansis(options.colour ? 1 : 0);
  return {
    bold: (text) => ansis.bold(text),
    dim: (text) => ansis.dim(text),
    red: (text) => ansis.red(text),
    yellow: (text) => ansis.yellow(text),
    green: (text) => ansis.green(text),
    cyan: (text) => ansis.cyan(text),
  };
}
