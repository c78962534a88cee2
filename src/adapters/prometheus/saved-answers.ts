import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CallsFile } from '../../domain/calls/call.ts';
import { countSaved, type SavedCounts } from './count-saved.ts';
import { WATCHERS } from '../../domain/calls/metrics/watchers.ts';
import { usageError } from '../../lib/errors.ts';
import { compareText, sortedUnique } from '../../lib/order.ts';
import { inOrder, timeOf } from './row-order.ts';
import { savedAnswers, type SavedAnswer } from './saved-series.ts';

/** Node's strings end at 512 MiB, and parsing takes several times the size of a file. */
const LARGEST_BYTES = 400 * 1024 * 1024;

/**
 * The calls that saved answers of Prometheus' API show, one file for each kind of watcher: of `/api/v1/query` or
 * `/api/v1/query_range`, each a JSON value, a list of them, or one a line; or of a folder, its `.json`, `.jsonl` and
 * `.ndjson` files. The metrics must be asked for as they are, as only then the answer names them. Answers over time
 * show what was called within them; an answer of one moment shows only that there were calls before it.
 */
export function readPrometheusFile(path: string): readonly CallsFile[] {
  const answers = filesAt(path).flatMap((file) => {
    const found = valuesIn(file).flatMap((value) => savedAnswers(value));
    if (found.length > 0) return found;
    throw usageError(
      'no-prometheus-answer',
      `${file}: no answer of Prometheus' API`,
      'Save what /api/v1/query or /api/v1/query_range gives for a metric, as JSON.',
    );
  });
  const counts = countSaved(answers);
  const gaps = gapsOf(answers, counts);
  const window = windowOf(counts);
  const files = WATCHERS.flatMap((watcher): readonly CallsFile[] => {
    const counted = counts.counted.filter(({ family }) => watcher.families.includes(family));
    if (counted.length === 0) return [];
    const source = `${path} (${watcher.name})`;
    const read = watcher.rowsOf(counted, source);
    return [
      {
        source,
        ...window,
        seesUnmeshed: watcher.seesUnmeshed,
        gaps: [...read.gaps, ...gaps],
        rows: inOrder(read.rows),
      },
    ];
  });
  return files.length > 0 ? files : [{ source: path, seesUnmeshed: false, gaps: ['no call in it', ...gaps], rows: [] }];
}

function windowOf({ from, to }: SavedCounts): Pick<CallsFile, 'window'> {
  return from === undefined || to === undefined ? {} : { window: { from: timeOf(from), to: timeOf(to) } };
}

function gapsOf(
  answers: readonly SavedAnswer[],
  { nameless, foreign, still, moments }: SavedCounts,
): readonly string[] {
  return [
    ...sortedUnique(answers.flatMap(({ problems }) => problems)),
    ...(nameless === 0
      ? []
      : [`${String(nameless)} series have no __name__, as after sum() or rate(): ask for the metric itself`]),
    ...(foreign.length === 0 ? [] : [`metrics that are not understood: ${foreign.slice(0, 5).join(', ')}`]),
    ...(still === 0
      ? []
      : [`${String(still)} series did not grow in the answers: their calls are older, or came just before`]),
    ...(moments
      ? ['counters of one moment count since their proxies began: when these calls were made is not known']
      : []),
    'whether the proxies were scraped all the time is not known of saved answers',
  ];
}

function filesAt(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.(?:json|jsonl|ndjson)$/i.test(name));
    if (names.length > 0) return names.sort(compareText).map((name) => join(path, name));
  } catch {
    throw cannotRead(path);
  }
  throw usageError('no-prometheus-answer', `${path}: no .json, .jsonl or .ndjson file in this folder`);
}

function valuesIn(file: string): readonly unknown[] {
  const text = textOf(file);
  const whole = parse(text);
  if (whole !== undefined) return [whole.value];
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const part = parse(line);
    if (part !== undefined) return [part.value];
    throw usageError('not-json', `${file}:${String(index + 1)}: not JSON`, 'Give one JSON value, or one a line.');
  });
}

function textOf(file: string): string {
  try {
    if (statSync(file).size <= LARGEST_BYTES) return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    throw cannotRead(file);
  }
  throw usageError('too-large', `${file}: more than 400 MB`, 'Ask for a shorter range, or in larger steps.');
}

function cannotRead(path: string): Error {
  return usageError('not-readable', `${path}: cannot be read`, 'Check the path and who may read it.');
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
