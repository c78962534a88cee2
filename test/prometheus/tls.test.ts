import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPrometheus, type PrometheusOptions } from '../../src/adapters/prometheus/read-prometheus.ts';

const withoutOpenssl = spawnSync('openssl', ['version']).status !== 0;
if (withoutOpenssl) process.stderr.write('tests of TLS to Prometheus are skipped: openssl is not installed\n');
if (withoutOpenssl && process.env['CI'] === 'true') throw new Error('openssl is not installed');

function makeCertificate(folder: string, name: string): void {
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', path.join(folder, `${name}.key`), '-out', path.join(folder, `${name}.pem`)],
  ]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    });
  });
}

describe.skipIf(withoutOpenssl)('a Prometheus behind TLS that wants a client certificate', () => {
  let folder: string;
  let server: Server;
  let options: PrometheusOptions;
  const peers: (string | undefined)[] = [];

  const file = (name: string): string => path.join(folder, name);
  const own = (): Partial<PrometheusOptions> => ({ certFile: file('client.pem'), keyFile: file('client.key') });
  const failure = (more: Partial<PrometheusOptions>): Promise<unknown> =>
    readPrometheus({ ...options, ...more }).catch((error: unknown) => error);

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'meshwise-tls-'));
    makeCertificate(folder, 'server');
    makeCertificate(folder, 'client');
    server = createHttps(
      {
        cert: readFileSync(file('server.pem')),
        key: readFileSync(file('server.key')),
        ca: readFileSync(file('client.pem')),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        peers.push(request.headers.authorization);
        const result = request.url?.includes('time%28%29') === true ? [0, '1795000000'] : [];
        const resultType = result.length > 0 ? 'scalar' : 'vector';
        response.end(JSON.stringify({ status: 'success', data: { resultType, result } }));
      },
    );
    options = { url: `https://${await listen(server)}`, windowSeconds: 3600, timeoutSeconds: 10 };
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('is not trusted without its CA, and the message names the flag for it', async () => {
    expect(await failure(own())).toMatchObject({
      code: 'prometheus-tls-failure',
      hints: expect.arrayContaining([expect.stringContaining('--prometheus-ca')]) as unknown,
    });
  });

  it('is read with its CA and the certificate', async () => {
    const files = await readPrometheus({ ...options, ...own(), caFile: file('server.pem'), bearerToken: 'a-token' });
    expect(files).toHaveLength(1);
    expect(new Set(peers)).toEqual(new Set(['Bearer a-token']));
  });

  it('is read without its CA where the user says so', async () => {
    expect(await readPrometheus({ ...options, ...own(), insecure: true })).toHaveLength(1);
  });

  it('does not let in whoever has no certificate', async () => {
    expect(await failure({ caFile: file('server.pem') })).toMatchObject({ exitStatus: 3 });
  });

  it('says so where a file is no certificate', async () => {
    expect(
      await failure({ caFile: file('server.pem'), certFile: file('server.key'), keyFile: file('client.key') }),
    ).toMatchObject({
      code: 'prometheus-option',
      exitStatus: 2,
    });
  });

  it('is reached through a proxy, which sees neither questions nor credentials', async () => {
    const asked: string[] = [];
    const proxy = createHttp();
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.url ?? ''} ${request.headers.authorization ?? 'without credentials'}`);
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const target = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      target.on('error', () => socket.destroy());
      socket.on('error', () => target.destroy());
    });
    const proxyUrl = `http://${await listen(proxy)}`;
    const more = { ...own(), caFile: file('server.pem'), bearerToken: 'a-token', proxyUrl };
    expect(await readPrometheus({ ...options, ...more })).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set([`${new URL(options.url).host} without credentials`]));
    proxy.closeAllConnections();
    proxy.close();
  });
});
