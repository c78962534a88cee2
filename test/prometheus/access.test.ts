import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readPrometheus, type PrometheusOptions } from '../../src/adapters/prometheus/read-prometheus.ts';
import { istioRequests, up } from './support/istio.ts';
import { scraped } from './support/samples.ts';
import { startPrometheus, type TestServer } from './support/server.ts';

const END = Date.parse('2026-11-20T12:00:00Z') / 1000;
const PASSWORD = 'correct horse';
/** The password, by bcrypt with the least cost. */
const HASH = '$2b$04$KwAsdQ8pmxSDgmgeV2oDD.zH9m4tWa4SKW7PqzYuIrmzgGrASD3/.';

describe.skipIf(inject('withoutPrometheus') !== '')('a Prometheus with a password', () => {
  let server: TestServer;
  let options: PrometheusOptions;

  beforeAll(async () => {
    server = await startPrometheus({
      end: END,
      webConfig: `basic_auth_users:\n  reader: ${HASH}\n`,
      flags: ['--web.external-url=http://localhost/metrics/prometheus'],
      series: [
        up(
          '10.0.0.1:15020',
          scraped(7200, 0, () => 1),
        ),
        istioRequests(
          {},
          scraped(1800, 0, () => 1),
        ),
      ],
    });
    options = {
      url: `${server.url}/metrics/prometheus/`,
      windowSeconds: 3600,
      at: '2026-11-20T12:00:00Z',
      timeoutSeconds: 30,
    };
  });

  afterAll(async () => {
    await server.stop();
  });

  it('answers the user, below the path it is at', async () => {
    const files = await readPrometheus({ ...options, basic: { user: 'reader', password: PASSWORD } });
    expect(files.flatMap(({ rows }) => rows)).toHaveLength(1);
  });

  it('takes user and password from the URL, and shows them nowhere', async () => {
    const url = options.url.replace('http://', `http://reader:${encodeURIComponent(PASSWORD)}@`);
    const files = await readPrometheus({ ...options, url });
    expect(files.flatMap(({ rows }) => rows)).toHaveLength(1);
    expect(JSON.stringify(files)).not.toMatch(/reader|correct|horse/);
  });

  it.each([
    ['no credentials', {}],
    ['a wrong password', { basic: { user: 'reader', password: 'wrong-horse' } }],
    ['a token', { bearerToken: 'abcdef-token' }],
  ])('refuses %s, and the message says what to do and no secret', async (_name, credentials) => {
    const error: unknown = await readPrometheus({ ...options, ...credentials }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'prometheus-unauthorized', exitStatus: 3 });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/wrong-horse|abcdef|reader/);
  });

  it('is not found where the path is left out', async () => {
    const basic = { user: 'reader', password: PASSWORD };
    const error: unknown = await readPrometheus({ ...options, basic, url: server.url }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'not-prometheus' });
  });

  it('names what it refused to read for its size, and keeps what it did read', async () => {
    const small = await startPrometheus({
      end: END,
      flags: ['--query.max-samples=90'],
      series: [
        up(
          '10.0.0.1:15020',
          scraped(7200, 0, () => 1),
        ),
        istioRequests(
          {},
          scraped(7200, 0, (at) => 9000 - at),
        ),
      ],
    });
    try {
      const [file] = await readPrometheus({ ...options, url: small.url, windowSeconds: 3600 });
      expect(file?.rows).toHaveLength(1);
      expect(file?.rows[0]).not.toHaveProperty('lastSeen');
      expect(file?.gaps?.join('\n')).toMatch(
        /last sightings of istio_requests_total could not be read: the query failed \(\d+\): .*too many samples/,
      );
    } finally {
      await small.stop();
    }
  });
});
