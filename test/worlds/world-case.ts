import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { asList, asNumber, asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../src/lib/json.ts';
import { compareText } from '../../src/lib/order.ts';
import type { Verdict } from '../../src/domain/simulate/verdict.ts';

/** What must become of one call. What is absent is not asked about. */
export interface Expected {
  readonly verdict: Verdict;
  readonly wire: string;
  readonly identity?: string;
  readonly authorization?: string;
  /** Part of the reason that is given. */
  readonly says?: string;
  /** The object that decides, as `PeerAuthentication shop/default`. */
  readonly by?: string;
}

/** One call of a world: a row of a calls file, or the id of a call that objects declare. */
export interface CallCase {
  readonly name: string;
  readonly row?: JsonObject;
  readonly declared?: string;
  readonly expect: Expected;
}

/** A small cluster, and what must become of each of its calls. */
export interface WorldCase {
  readonly file: string;
  /** A sentence: the name of its test. */
  readonly name: string;
  /** The rule that decides, and where upstream states it. */
  readonly why: string;
  /** Rows of docs/wrong-safe-answers.md that it holds. */
  readonly prevents: readonly number[];
  /** Files of `common/` that belong to the cluster. */
  readonly common: readonly string[];
  /** `live`: every kind was listed but those below; `files`: manifests, complete as they stand. */
  readonly read: 'live' | 'files';
  readonly forbidden: readonly string[];
  readonly unread: readonly string[];
  readonly calls: readonly CallCase[];
}

/** The folder of the worlds. */
export const WORLDS = join(import.meta.dirname, '..', 'cases', 'worlds');

/** All worlds of the folder, by file name. Throws an Error that names the file where a head is not understood. */
export function readWorldCases(): readonly WorldCase[] {
  const files = readdirSync(WORLDS).filter((file) => file.endsWith('.yaml'));
  return files.sort(compareText).map(readWorldCase);
}

/** The first document is the head, the others are the cluster's objects. */
function readWorldCase(file: string): WorldCase {
  const [head] = parseAllDocuments(readFileSync(join(WORLDS, file), 'utf8'));
  if (head === undefined || !('contents' in head) || head.errors.length > 0) {
    throw new Error(`${file}: ${head !== undefined && 'errors' in head ? String(head.errors[0]) : 'no head'}`);
  }
  const raw: unknown = head.toJS();
  const refuse = (what: string): never => {
    throw new Error(`${file}: ${what}`);
  };
  const odd = Object.keys(asObject(raw) ?? {}).find((key) => !HEAD.includes(key));
  if (odd !== undefined) refuse(`${odd} is not known in a head`);
  return {
    file,
    name: asText(at(raw, 'world')) ?? refuse('no sentence that names the world'),
    why: asText(at(raw, 'why')) ?? refuse('no rule'),
    prevents: asList(at(raw, 'prevents')).flatMap((row) => asNumber(row) ?? []),
    common: asTexts(at(raw, 'common')),
    read: asText(at(raw, 'read')) === 'live' ? 'live' : 'files',
    forbidden: asTexts(at(raw, 'forbidden')),
    unread: asTexts(at(raw, 'unread')),
    calls: asObjects(at(raw, 'calls')).map((call) => readCall(call, refuse)),
  };
}

const HEAD = ['world', 'why', 'prevents', 'common', 'read', 'forbidden', 'unread', 'calls'];

function readCall(raw: JsonObject, refuse: (what: string) => never): CallCase {
  const name = asText(raw['call']) ?? refuse('a call without a name');
  const row = asObject(raw['row']);
  const declared = asText(raw['declared']);
  const expect = asObject(raw['expect']) ?? refuse(`${name}: nothing is expected`);
  const odd = Object.keys(expect).find((key) => !EXPECTED.includes(key));
  if (odd !== undefined) refuse(`${name}: ${odd} cannot be expected`);
  if ((row === undefined) === (declared === undefined))
    refuse(`${name}: give either a row or the id of a declared call`);
  if (expect['verdict'] === undefined || expect['wire'] === undefined) refuse(`${name}: verdict and wire are required`);
  const expected = Object.fromEntries(Object.entries(expect).map(([key, value]) => [key, String(value)]));
  return {
    name,
    ...(row === undefined ? {} : { row }),
    ...(declared === undefined ? {} : { declared }),
    expect: expected as unknown as Expected,
  };
}

const EXPECTED = ['verdict', 'wire', 'identity', 'authorization', 'says', 'by'];
