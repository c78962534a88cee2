import type { CounterSample } from '../../domain/calls/metrics/counter-growth.ts';
import { asList, asNumber, asObject, asObjects, asText, asTextMap, asTexts } from '../../lib/json.ts';

/** One series of a saved answer, samples oldest first. */
export interface SavedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly CounterSample[];
  /** Whether it has values over time; else one, at the moment of the question. */
  readonly isRange: boolean;
}

/** What one answer holds, with what it says is wrong with itself. */
export interface SavedAnswer {
  readonly series: readonly SavedSeries[];
  readonly problems: readonly string[];
}

const LARGEST_DEPTH = 4;

/**
 * The answers in a value: an answer of `/api/v1/query` or `/api/v1/query_range`, its `data`, a list of series as
 * `promtool query --format json` prints them, or a list of any of these.
 * Source: https://prometheus.io/docs/prometheus/latest/querying/api/.
 */
export function savedAnswers(value: unknown, depth = 0): readonly SavedAnswer[] {
  const list = asList(value);
  if (list.some(isSeries)) return [{ series: asObjects(list).flatMap(seriesOf), problems: [] }];
  if (list.length > 0 && depth < LARGEST_DEPTH) return list.flatMap((each) => savedAnswers(each, depth + 1));
  const answer = asObject(value);
  if (answer === undefined) return [];
  if (isSeries(answer)) return [{ series: seriesOf(answer), problems: [] }];
  const data = asObject(answer['data']) ?? answer;
  if (!Array.isArray(data['result']) && answer['status'] !== 'error') return [];
  const said = asText(answer['error']) ?? asText(answer['errorType']);
  const problems = [
    ...(answer['status'] === 'error' ? [`the saved answer is an error: ${said ?? 'it does not say which'}`] : []),
    ...[...asTexts(answer['warnings']), ...asTexts(answer['infos'])].map((text) => `Prometheus warned: ${text}`),
    ...(answer['isPartial'] === true ? ['Prometheus warned: the answer is partial'] : []),
  ];
  return [{ series: asObjects(data['result']).flatMap(seriesOf), problems: problems.map(shortened) }];
}

function isSeries(value: unknown): boolean {
  const object = asObject(value);
  const samples = object?.['value'] ?? object?.['values'];
  return asObject(object?.['metric']) !== undefined && Array.isArray(samples);
}

function seriesOf(series: Readonly<Record<string, unknown>>): readonly SavedSeries[] {
  const { __name__: metric = '', ...labels } = asTextMap(series['metric']);
  const isRange = Array.isArray(series['values']);
  const samples = (isRange ? asList(series['values']) : [series['value']])
    .map(sampleOf)
    .filter((sample) => sample !== undefined)
    .sort(([left], [right]) => left - right);
  return samples.length === 0 ? [] : [{ metric, labels, samples, isRange }];
}

function sampleOf(sample: unknown): CounterSample | undefined {
  const [time, value] = asList(sample);
  const seconds = asNumber(time);
  const text = asText(value);
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return seconds === undefined || !isMoment(seconds) || !Number.isFinite(number) ? undefined : [seconds, number];
}

/** What JavaScript can write as a time. */
function isMoment(seconds: number): boolean {
  return Math.abs(seconds) <= 8.64e12;
}

function shortened(text: string): string {
  return [...text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')].slice(0, 200).join('');
}
