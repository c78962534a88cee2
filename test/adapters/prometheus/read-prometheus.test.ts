import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readPrometheus, type PrometheusOptions } from '../../../src/adapters/prometheus/read-prometheus.ts';
import { fakePrometheus, type FakeAnswer, type FakePrometheus, type SeenRequest } from './fake-prometheus.ts';

const CALL = {
  reporter: 'destination',
  source_workload: 'web',
  destination_workload: 'cart',
  destination_service_name: 'cart',
  connection_security_policy: 'mutual_tls',
};
const TOKEN = 'very-secret-token';

/** One call, by the first family of Istio's sidecars. */
function oneCall({ query }: SeenRequest): FakeAnswer {
  return query.startsWith('sum by (reporter') && query.includes('response_code!="403",grpc_response_status!="7"')
    ? query.includes('waypoint')
      ? []
      : [[CALL, 12.4]]
    : [];
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('reading a Prometheus', () => {
  let fake: FakePrometheus | undefined;

  const read = (more: Partial<PrometheusOptions> = {}): ReturnType<typeof readPrometheus> =>
    readPrometheus({ url: fake?.url ?? '', windowSeconds: 86_400, timeoutSeconds: 10, ...more });

  afterEach(async () => {
    await fake?.stop();
    fake = undefined;
  });

  it('gives the calls with the window that ends at the server’s own time', async () => {
    fake = await fakePrometheus(oneCall);
    const [file] = await read();
    expect(file?.rows).toHaveLength(1);
    expect(file?.rows[0]).toMatchObject({ client: 'web', service: 'cart', count: 12, seesUnmeshed: true });
    expect(file?.rows[0]?.source.startsWith(`${file.source}: istio_requests_total{reporter="destination"`)).toBe(true);
    expect(file?.window?.to).toBe('2026-11-20T12:00:00Z');
  });

  it('sends the credentials and headers with every question, and shows them nowhere', async () => {
    fake = await fakePrometheus(oneCall);
    const files = await read({ bearerToken: `${TOKEN}\n`, headers: { 'X-Scope-OrgID': 'tenant-7' } });
    expect(new Set(fake.seen.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(new Set(fake.seen.map(({ headers }) => headers['x-scope-orgid']))).toEqual(new Set(['tenant-7']));
    expect(JSON.stringify(files)).not.toMatch(/secret|tenant/);
  });

  it('asks by GET while the URL is short enough for all proxies, else by POST', async () => {
    fake = await fakePrometheus(oneCall);
    await read({ match: `cluster="${'long'.repeat(1000)}"` });
    const [time, ...others] = fake.seen;
    expect(time?.method).toBe('GET');
    expect(others.filter(({ path }) => path.length > 6100)).toEqual([]);
    expect(others.some(({ method, query }) => method === 'POST' && query.includes('istio_requests_total'))).toBe(true);
  });

  it('waits and asks again where the server says that it is busy', async () => {
    let refused = 0;
    fake = await fakePrometheus((request, response) => {
      if (request.query !== 'time()' || refused > 0) return oneCall(request);
      refused += 1;
      response.writeHead(429, { 'retry-after': '1' }).end('slow down');
      return undefined;
    });
    const begin = performance.now();
    expect((await read())[0]?.rows).toHaveLength(1);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(950);
  });

  it('keeps what it can read, and names what it cannot, without what the server was told in confidence', async () => {
    fake = await fakePrometheus((request, response) => {
      if (!request.query.includes('tcp_connections_opened')) return oneCall(request);
      response.statusCode = 422;
      return { status: 'error', errorType: 'execution', error: `too many samples for Bearer ${TOKEN}\u001b[31m` };
    });
    const [file] = await read({ bearerToken: TOKEN });
    expect(file?.rows).toHaveLength(1);
    expect(file?.gaps).toContain(
      'istio_tcp_connections_opened_total could not be read: the query failed (422): too many samples for Bearer … [31m',
    );
  });

  it('takes warnings, and answers that say they are partial, for gaps', async () => {
    fake = await fakePrometheus((request) => {
      const vector = oneCall(request);
      if (!Array.isArray(vector) || vector.length === 0) return vector;
      const result = [{ metric: CALL, value: [0, '3'] }];
      const data = { resultType: 'vector', result };
      return { status: 'success', data, warnings: ['store eu-1 is gone'], infos: ['a hint'], isPartial: true };
    });
    const [file] = await read();
    expect(file?.gaps).toEqual(
      expect.arrayContaining([
        'Prometheus warns: store eu-1 is gone',
        'Prometheus warns: a hint',
        'Prometheus warns: the answer is partial',
      ]),
    );
  });

  it('follows a redirect on the same server, and takes no credentials to another', async () => {
    const other = await fakePrometheus(oneCall);
    fake = await fakePrometheus((request, response) => {
      const place = request.path.startsWith('/old') ? request.path.replace('/old', '') : `${other.url}${request.path}`;
      response.writeHead(307, { location: place }).end();
      return undefined;
    });
    const error = await failureOf(read({ url: `${fake.url}/old`, bearerToken: TOKEN }));
    expect(error).toMatchObject({ code: 'not-prometheus' });
    expect(fake.seen.map(({ path }) => path.split('?')[0])).toEqual(['/old/api/v1/query', '/api/v1/query']);
    expect(other.seen).toEqual([]);
    await other.stop();
  });

  it('fails in the time it was given where the server never answers', async () => {
    fake = await fakePrometheus(() => undefined);
    const error = await failureOf(read({ timeoutSeconds: 1 }));
    expect(error).toMatchObject({ code: 'prometheus-unreachable', exitStatus: 3 });
    expect(String(error)).toContain('no answer in time');
  });

  it('stops at once when the user says so', async () => {
    const stop = new AbortController();
    fake = await fakePrometheus(() => {
      stop.abort();
      return undefined;
    });
    expect(await failureOf(read({ signal: stop.signal }))).toMatchObject({ code: 'cancelled', exitStatus: 130 });
  });

  it('knows a login page from Prometheus', async () => {
    fake = await fakePrometheus((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
      return undefined;
    });
    expect(await failureOf(read())).toMatchObject({ code: 'not-prometheus' });
  });

  it('fails where the server answers its time and nothing else', async () => {
    fake = await fakePrometheus((request, response) => {
      if (request.query === 'time()') return [];
      response.statusCode = 422;
      return { status: 'error', errorType: 'execution', error: 'no' };
    });
    expect(await failureOf(read())).toMatchObject({ code: 'prometheus-query-failed', exitStatus: 3 });
  });

  it('goes through a proxy, which gets its own credentials', async () => {
    fake = await fakePrometheus(oneCall);
    const target = new URL(fake.url);
    const seen: (string | undefined)[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.headers['proxy-authorization']);
      const asked = new URL(request.url ?? '');
      asked.host = target.host;
      void fetch(asked, { headers: { authorization: request.headers.authorization ?? '' } })
        .then((answer) => answer.text())
        .then((text) => response.end(text));
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const port = String((proxy.address() as AddressInfo).port);
    const proxyUrl = `http://me:pass%20word@127.0.0.1:${port}`;
    const [file] = await read({ url: 'http://prometheus.invalid:9090', proxyUrl });
    expect(file?.source).toBe('prometheus prometheus.invalid:9090 (Istio sidecars)');
    expect(file?.rows).toHaveLength(1);
    expect(new Set(seen)).toEqual(new Set([`Basic ${Buffer.from('me:pass word').toString('base64')}`]));
    proxy.closeAllConnections();
    proxy.close();
  });
});

describe('options for a Prometheus', () => {
  const options: PrometheusOptions = { url: 'https://prometheus.invalid', windowSeconds: 86_400, timeoutSeconds: 1 };

  it.each<[string, Partial<PrometheusOptions>]>([
    ['a URL that is none', { url: `nonsense ${TOKEN}` }],
    ['another scheme', { url: `ftp://me:${TOKEN}@host` }],
    ['credentials without TLS', { url: `http://prometheus.invalid`, bearerToken: TOKEN }],
    ['credentials in a URL without TLS', { url: `http://me:${TOKEN}@prometheus.invalid` }],
    ['headers without TLS', { url: 'http://prometheus.invalid', headers: { 'X-Token': TOKEN } }],
    ['two kinds of credentials', { bearerToken: TOKEN, basic: { user: 'me', password: TOKEN } }],
    ['a token with a line break', { bearerToken: `${TOKEN}\nx: y` }],
    ['a header with a line break', { headers: { 'X-Token': `${TOKEN}\r\nx: y` } }],
    ['a header without a name', { headers: { '': TOKEN } }],
    ['a certificate without its key', { certFile: '/nowhere' }],
    ['a CA that cannot be read', { caFile: '/nowhere/ca.pem' }],
    ['a proxy that speaks SOCKS', { proxyUrl: `socks5://me:${TOKEN}@localhost` }],
    ['a window of a minute', { windowSeconds: 60 }],
    ['conditions that are no labels', { match: `} or vector(1) # ${TOKEN}` }],
  ])('refuses %s before it sends anything, and shows no secret', async (_name, more) => {
    const error = await failureOf(readPrometheus({ ...options, ...more }));
    expect(error).toMatchObject({ code: 'prometheus-option', exitStatus: 2 });
    expect(JSON.stringify([error, String(error)])).not.toContain('secret');
  });

  it('says what to do where nothing is there', async () => {
    const error = await failureOf(readPrometheus({ ...options, url: 'http://127.0.0.1:1' }));
    expect(error).toMatchObject({ code: 'prometheus-unreachable' });
    expect(String(error)).toContain('nothing listens there (ECONNREFUSED)');
  });
});
