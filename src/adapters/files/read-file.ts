import { readYaml } from '../yaml/read.ts';
import type { SetAside } from './reading.ts';
import { splitJson } from './split-json.ts';

/** One document of a file, or why it is not used. */
export type FileDocument =
  | { readonly line: number; readonly value: unknown; readonly warnings: readonly string[] }
  | { readonly setAside: SetAside };

/** Node's strings end at 512 MiB, and parsing takes several times the size of a file. */
const LARGEST_BYTES = 400 * 1024 * 1024;
const MANIFEST = /\.(ya?ml|json)$/i;

/** Reads the documents of a file's content as kubectl does: JSON where it begins with a brace, YAML otherwise. */
export function* readFileContent(file: string, content: Uint8Array): Generator<FileDocument> {
  const setAside = (code: SetAside['code'], reason: string, line?: number): FileDocument => ({
    setAside: { file, ...(line === undefined ? {} : { line }), code, reason },
  });
  if (content.length > LARGEST_BYTES) {
    yield setAside('too-large', `${String(Math.round(content.length / 1024 / 1024))} MB; split it, or give a snapshot`);
    return;
  }
  const text = decode(content);
  if (text === undefined)
    yield setAside('binary', MANIFEST.test(file) ? 'neither UTF-8 nor UTF-16: convert it to UTF-8' : 'a binary file');
  else if (text.trim() === '') yield setAside('empty', 'an empty file');
  else if (/^\s*(\{(?!\{)|\[)/.test(text) && !/^---/m.test(text)) yield* readJson(text, setAside);
  else yield* readYamlFile(text, setAside);
}

type MakeSetAside = (code: SetAside['code'], reason: string, line?: number) => FileDocument;

function decode(content: Uint8Array): string | undefined {
  const encoding = encodingOf(content);
  if (encoding === 'utf-8' && content.subarray(0, 8192).includes(0)) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** UTF-16 shows by its byte order mark, as kubectl's YAML reader takes it. */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function* readJson(text: string, setAside: MakeSetAside): Generator<FileDocument> {
  for (const part of splitJson(text)) {
    if (!('error' in part)) yield { ...part, warnings: [] };
    else if (text.includes('{{'))
      yield setAside('template', 'an unrendered template: render it and give the result', part.line);
    else yield setAside('not-json', `not JSON: ${part.error}`, part.line);
  }
}

function* readYamlFile(text: string, setAside: MakeSetAside): Generator<FileDocument> {
  let documents = 0;
  for (const document of readYaml(text)) {
    documents += 1;
    if (!('error' in document)) {
      yield document;
      continue;
    }
    const { message, line, column, template } = document.error;
    if (template) yield setAside('template', 'an unrendered template: render it and give the result', line);
    else yield setAside('not-yaml', `not YAML: ${message} (column ${String(column)})`, line);
  }
  if (documents === 0) yield setAside('empty', 'only comments');
}
