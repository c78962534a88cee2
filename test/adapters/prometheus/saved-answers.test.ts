import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrometheusFile } from '../../../src/adapters/prometheus/saved-answers.ts';
import type { CallsFile } from '../../../src/domain/calls/call.ts';
import { AppError } from '../../../src/lib/errors.ts';

const BEGIN = Date.parse('2026-11-19T12:00:00Z') / 1000;
const METRIC = {
  __name__: 'istio_requests_total',
  reporter: 'destination',
  source_workload: 'web',
  destination_workload: 'cart',
  destination_service_name: 'cart',
  connection_security_policy: 'mutual_tls',
  pod: 'cart-1',
};

function overTime(metric: object, ...values: readonly (readonly [hour: number, value: number])[]): object {
  return { metric, values: values.map(([hour, value]) => [BEGIN + hour * 3600, String(value)]) };
}

function answer(resultType: string, ...result: readonly object[]): object {
  return { status: 'success', data: { resultType, result } };
}

describe('saved answers of Prometheus', () => {
  let folder: string;

  const read = (...lines: readonly unknown[]): readonly CallsFile[] => {
    const file = path.join(folder, 'answer.json');
    writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return readPrometheusFile(file);
  };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'meshwise-saved-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('over time tell how often and when, and the window', () => {
    const [file] = read(answer('matrix', overTime(METRIC, [0, 5], [1, 5], [2, 8], [3, 9], [24, 9])));
    expect(file?.source).toBe(`${path.join(folder, 'answer.json')} (Istio sidecars)`);
    expect(file?.window).toEqual({ from: '2026-11-19T12:00:00Z', to: '2026-11-20T12:00:00Z' });
    expect(file?.rows).toMatchObject([
      { client: 'web', count: 4, firstSeen: '2026-11-19T14:00:00Z', lastSeen: '2026-11-19T15:00:00Z' },
    ]);
  });

  it('see a series that was born at one and never moved, and not one that stood still from the beginning', () => {
    const born = { ...METRIC, source_workload: 'nightly' };
    const [file] = read(answer('matrix', overTime(METRIC, [0, 5], [1, 5], [2, 5]), overTime(born, [1, 1], [2, 1])));
    expect(file?.rows).toMatchObject([{ client: 'nightly', count: 1, lastSeen: '2026-11-19T13:00:00Z' }]);
    expect(file?.gaps).toContain('1 series did not grow in the answers: their calls are older, or came just before');
  });

  it('add up the pods of a workload', () => {
    const other = { ...METRIC, pod: 'cart-2' };
    const [file] = read(answer('matrix', overTime(METRIC, [0, 1], [1, 3]), overTime(other, [0, 1], [2, 2])));
    expect(file?.rows).toMatchObject([
      { count: 3, firstSeen: '2026-11-19T13:00:00Z', lastSeen: '2026-11-19T14:00:00Z' },
    ]);
  });

  it('of one moment tell that there were calls, and neither when nor a window', () => {
    const [file] = read(answer('vector', { metric: METRIC, value: [BEGIN, '12'] }));
    expect(file?.rows).toMatchObject([{ client: 'web', count: 12 }]);
    expect(file?.rows[0]).not.toHaveProperty('lastSeen');
    expect(file).not.toHaveProperty('window');
    expect(file?.gaps).toContain(
      'counters of one moment count since their proxies began: when these calls were made is not known',
    );
  });

  it('may be several, one a line, in a list, as data alone or as promtool prints them', () => {
    const linkerd = {
      __name__: 'tcp_open_total',
      direction: 'inbound',
      peer: 'src',
      deployment: 'voting',
      tls: 'true',
    };
    const first = answer('vector', { metric: METRIC, value: [BEGIN, '1'] });
    const second = { resultType: 'vector', result: [{ metric: linkerd, value: [BEGIN, '1'] }] };
    const third = [{ metric: { ...METRIC, source_workload: 'other' }, value: [BEGIN, '1'] }];
    for (const files of [read(first, second, third), read([first, second, third])]) {
      expect(files.map(({ rows }) => rows.map(({ client }) => client))).toEqual([['other', 'web'], ['unknown']]);
    }
  });

  it('may lie in a folder', () => {
    const place = mkdtempSync(path.join(folder, 'several-'));
    expect(() => readPrometheusFile(place)).toThrow(/no \.json, \.jsonl or \.ndjson file/);
    writeFileSync(
      path.join(place, 'b.json'),
      JSON.stringify(answer('vector', { metric: METRIC, value: [BEGIN, '1'] })),
    );
    writeFileSync(path.join(place, 'a.jsonl'), JSON.stringify(answer('vector')));
    writeFileSync(path.join(place, 'notes.txt'), 'not read');
    expect(readPrometheusFile(place).map(({ source }) => source)).toEqual([`${place} (Istio sidecars)`]);
  });

  it('name what they are not', () => {
    const nameless = answer('vector', { metric: { pod: 'x' }, value: [BEGIN, '1'] });
    const foreign = answer('vector', { metric: { __name__: 'node_load1' }, value: [BEGIN, '1'] });
    const failed = { status: 'error', errorType: 'timeout', error: 'too slow' };
    const [file, ...others] = read(nameless, foreign, failed, { ...answer('vector'), warnings: ['a store is gone'] });
    expect(others).toEqual([]);
    expect(file?.rows).toEqual([]);
    expect(file?.gaps).toEqual([
      'no call in it',
      'Prometheus warned: a store is gone',
      'the saved answer is an error: too slow',
      '1 series have no __name__, as after sum() or rate(): ask for the metric itself',
      'metrics that are not understood: node_load1',
      'whether the proxies were scraped all the time is not known of saved answers',
    ]);
  });

  it.each([
    ['another JSON', '{"kind":"Pod"}', 'no answer of Prometheus'],
    ['no JSON', '{"status":"success"}\nnonsense', 'answer.json:2: not JSON'],
    ['nothing', '', 'no answer of Prometheus'],
  ])('refuse %s', (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => readPrometheusFile(path.join(folder, 'missing.json'))).toThrow('missing.json: cannot be read');
  });

  test.prop([fc.json()])('of any other JSON end in a file or in words for the user', (text) => {
    try {
      expect(Array.isArray(read(text))).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
    }
  });

  test.prop([fc.array(fc.record({ metric: fc.anything(), value: fc.anything(), values: fc.anything() }))])(
    'hold up against series of any shape',
    (result) => {
      expect(Array.isArray(read(JSON.stringify({ status: 'success', data: { result } })))).toBe(true);
    },
  );
});
