import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { flowFiles, notReadable, type FlowFile } from './flow-files.ts';

/** One line of a log. */
export interface LogLine {
  /** `FILE:LINE`; in a directory `DIRECTORY:FILE:LINE`. */
  readonly place: string;
  /** The file's path as it was given or found. */
  readonly file: string;
  /** Undefined where the line is longer than any record of a call. */
  readonly text: string | undefined;
}

const LONGEST_LINE = 1024 * 1024;
const LINES_BETWEEN_REPORTS = 100_000;

/**
 * The lines of a file, or of the files of a directory, gzip or not, a block at a time, blank ones left out. Tells the file
 * and the number of lines read before each file and every hundred thousand lines. A file that cannot be read is a usage
 * error that names it.
 */
export async function* readLines(
  path: string,
  onProgress?: (text: string) => void,
): AsyncGenerator<readonly LogLine[]> {
  let lines = 0;
  let reported = 0;
  for (const file of flowFiles(path)) {
    onProgress?.(`reading ${file.path}: ${String(lines)} lines read`);
    for await (const block of readFile(file)) {
      lines += block.length;
      if (lines - reported >= LINES_BETWEEN_REPORTS) {
        reported = lines;
        onProgress?.(`reading ${file.path}: ${String(lines)} lines read`);
      }
      yield block;
    }
  }
}

async function* readFile(file: FlowFile): AsyncGenerator<readonly LogLine[]> {
  const split = createSplitter();
  let number = 0;
  const toLines = (texts: readonly (string | undefined)[]): readonly LogLine[] =>
    texts.flatMap((text) => {
      number += 1;
      return text?.trim() === '' ? [] : [{ place: `${file.label}:${String(number)}`, file: file.path, text }];
    });
  try {
    for await (const text of readText(file)) yield toLines(split.add(text));
  } catch (error) {
    throw notReadable(file.path, error);
  }
  yield toLines(split.end());
}

async function* readText({ path, compressed }: FlowFile): AsyncGenerator<string> {
  const source = createReadStream(path, { highWaterMark: 256 * 1024 });
  const bytes = compressed ? unzipped(source) : source;
  let decoder: TextDecoder | undefined;
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      decoder ??= new TextDecoder(chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf-16le' : 'utf-8');
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder?.decode() ?? '';
  } finally {
    source.destroy();
  }
}

/** A pipe does not hand on its source's errors. */
function unzipped(source: Readable): Readable {
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

interface Splitter {
  /** The lines that end in the text; undefined for each that is too long. */
  readonly add: (text: string) => readonly (string | undefined)[];
  /** The last line, if no line break ends it. */
  readonly end: () => readonly (string | undefined)[];
}

function createSplitter(): Splitter {
  let rest = '';
  let tooLong = false;
  const ended = (text: string): string | undefined => {
    const isLong = tooLong || text.length > LONGEST_LINE;
    tooLong = false;
    return isLong ? undefined : text;
  };
  return {
    add(text) {
      const pieces = (rest + text).split('\n');
      rest = pieces.pop() ?? '';
      const lines = pieces.map(ended);
      if (rest.length > LONGEST_LINE) {
        tooLong = true;
        rest = '';
      }
      return lines;
    },
    end: () => (rest === '' && !tooLong ? [] : [ended(rest)]),
  };
}
