import { afterEach, expect, test } from 'vitest';
import { askGate } from '../../../src/adapters/prometheus/ask-gate.ts';
import { fakePrometheus, type FakeAnswer, type FakePrometheus } from './fake-prometheus.ts';

let server: FakePrometheus | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function said(answer: FakeAnswer, more: { readonly bearerToken?: string; readonly at?: string } = {}) {
  server = await fakePrometheus(() => answer);
  return askGate({ url: server.url, timeoutSeconds: 5, ...more }, 'up == 0');
}

test('gives the rows of an answer, sorted', async () => {
  const answer = await said([
    [{ pod: 'b' }, 2],
    [{ pod: 'a' }, 1],
  ]);
  expect(answer).toMatchObject({
    rows: [
      { labels: { pod: 'a' }, value: 1 },
      { labels: { pod: 'b' }, value: 2 },
    ],
    notFinite: 0,
  });
});

test('an empty answer has no rows', async () => {
  expect(await said([])).toMatchObject({ rows: [] });
});

test('asks about the moment that is given', async () => {
  await said([], { at: '2026-11-20T12:00:00Z' });
  expect(server?.seen[0]?.path).toContain(
    'time=1763640000'.replace('1763640000', String(Date.parse('2026-11-20T12:00:00Z') / 1000)),
  );
});

test('a value that is no number is counted', async () => {
  const result = [{ metric: { pod: 'a' }, value: [0, '+Inf'] }];
  expect(await said({ status: 'success', data: { resultType: 'vector', result } })).toMatchObject({
    rows: [],
    notFinite: 1,
  });
});

test('an empty answer with a warning is none, and one with a remark on the query is', async () => {
  const body = { status: 'success', data: { resultType: 'vector', result: [] } };
  expect(await said({ ...body, warnings: ['a store did not answer'] })).toMatchObject({
    failed: 'it warns: a store did not answer',
  });
  await server?.stop();
  expect(await said({ ...body, infos: ['PromQL info: metric might not be a counter'] })).toMatchObject({ rows: [] });
});

test('an error is an answer, and holds no secret', async () => {
  const body = { status: 'error', errorType: 'bad_data', error: 'parse error near swordfish' };
  const answer = await said(body, { bearerToken: 'swordfish' });
  expect(answer).toHaveProperty('failed');
  expect(JSON.stringify(answer)).not.toContain('swordfish');
});

test('secrets in labels are not shown', async () => {
  const answer = await said([[{ token: 'swordfish' }, 1]], { bearerToken: 'swordfish' });
  expect(JSON.stringify(answer)).not.toContain('swordfish');
});

test('a server that is not there is an answer', async () => {
  const answer = await askGate({ url: 'http://127.0.0.1:9', timeoutSeconds: 5 }, 'up');
  expect(answer).toMatchObject({
    source: 'prometheus 127.0.0.1:9',
    failed: expect.stringContaining('ECONNREFUSED') as string,
  });
});
