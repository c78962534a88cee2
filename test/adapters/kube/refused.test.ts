import { describe, expect, it } from 'vitest';
import { AppError, EXIT } from '../../../src/lib/errors.ts';
import { readCluster, type ReadClusterOptions } from '../../../src/adapters/kube/read-cluster.ts';
import { startKubeApiStub, stubKubeconfig } from '../../support/kube-api-stub.ts';
import { readStub, resourceOf, temporaryFile } from './read-stub.ts';

const SECRET_TOKEN = 'tok-93f1-do-not-print';

async function failureOf(reading: Promise<unknown>): Promise<AppError> {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, not ${String(error)}`);
  expect(error.code === 'cancelled' || error.hints.length > 0).toBe(true);
  expect(JSON.stringify([error.message, error.hints, String(error.cause), error.stack])).not.toContain(SECRET_TOKEN);
  return error;
}

function read(options: Partial<ReadClusterOptions>): Promise<unknown> {
  return readCluster({
    requestTimeoutSeconds: 5,
    qps: 0,
    signal: new AbortController().signal,
    kinds: ['Pod'],
    environment: {},
    onPage: () => undefined,
    onRestart: () => undefined,
    ...options,
  });
}

describe('a kubeconfig that does not serve (exit 2)', () => {
  it.each<[string, () => Partial<ReadClusterOptions>, { code: string; where: string }]>([
    ['missing', () => ({ kubeconfig: '/nowhere/config' }), { code: 'kubeconfig-not-found', where: '/nowhere/config' }],
    [
      'named by KUBECONFIG but missing',
      () => ({ environment: { KUBECONFIG: '/nowhere/a:/nowhere/b' } }),
      { code: 'kubeconfig-not-found', where: '/nowhere/a' },
    ],
    ['not there at all', () => ({ environment: { HOME: '/nowhere' } }), { code: 'no-kubeconfig', where: 'KUBECONFIG' }],
    [
      'broken',
      () => ({ kubeconfig: temporaryFile(`users:\n- token: ${SECRET_TOKEN}\n x: [`) }),
      { code: 'kubeconfig-unreadable', where: 'config:3' },
    ],
    ['empty', () => ({ kubeconfig: temporaryFile('') }), { code: 'kubeconfig-unreadable', where: 'config' }],
    [
      'without the context',
      () => ({ kubeconfig: temporaryFile(stubKubeconfig('https://x')), context: 'prod' }),
      { code: 'unknown-context', where: '"prod"' },
    ],
    [
      'without a current context',
      () => ({ kubeconfig: temporaryFile(stubKubeconfig('https://x').replace('current-context', 'x')) }),
      { code: 'no-context', where: 'config' },
    ],
    [
      'whose context names no cluster',
      () => ({ kubeconfig: temporaryFile(stubKubeconfig('https://x').replace('"name":"stub-cluster"', '"name":"x"')) }),
      { code: 'unknown-cluster', where: '"stub-cluster"' },
    ],
    [
      'without TLS',
      () => ({ kubeconfig: temporaryFile(stubKubeconfig('http://127.0.0.1:1').replace(':true', ':false')) }),
      { code: 'plain-http-refused', where: 'http://127.0.0.1:1' },
    ],
    [
      'with a server that is no URL',
      () => ({ kubeconfig: temporaryFile(stubKubeconfig('nothing')) }),
      { code: 'invalid-server', where: 'server' },
    ],
  ])('%s', async (_case, options, { code, where }) => {
    const error = await failureOf(read(options()));
    expect([error.code, error.exitStatus]).toEqual([code, EXIT.usage]);
    expect(error.message).toContain(where);
  });

  it('names the contexts there are', async () => {
    const error = await failureOf(read({ kubeconfig: temporaryFile(stubKubeconfig('https://x')), context: 'prod' }));
    expect(error.hints.join(' ')).toContain('stub');
  });
});

describe('a cluster that does not answer (exit 3)', () => {
  it('nothing listens', async () => {
    const stub = await startKubeApiStub({ resources: [] });
    await stub.close();
    const error = await failureOf(read({ kubeconfig: temporaryFile(stubKubeconfig(stub.url)) }));
    expect([error.code, error.exitStatus]).toEqual(['cluster-unreachable', EXIT.unreachable]);
    expect(error.message).toContain(stub.url);
  });

  it('the name does not resolve', async () => {
    const error = await failureOf(read({ kubeconfig: temporaryFile(stubKubeconfig('https://api.cluster.invalid')) }));
    expect([error.code, error.exitStatus]).toEqual(['cluster-unreachable', EXIT.unreachable]);
  });

  it('no answer in time', async () => {
    const reading = readStub({ resources: [], faults: () => ({ fault: 'hang' }) }, { requestTimeoutSeconds: 0.2 });
    const error = await failureOf(reading);
    expect([error.code, error.exitStatus]).toEqual(['cluster-unreachable', EXIT.unreachable]);
    expect(error.message).toContain('--request-timeout');
  });

  it('TLS fails', async () => {
    const stub = await startKubeApiStub({ resources: [] });
    const url = stub.url.replace('http:', 'https:');
    const error = await failureOf(read({ kubeconfig: temporaryFile(stubKubeconfig(url)) }));
    await stub.close();
    expect([error.code, error.exitStatus]).toEqual(['tls-failure', EXIT.unreachable]);
  });

  it('a login page answers in its place', async () => {
    const error = await failureOf(
      readStub({ resources: [], faults: () => ({ fault: 'body', body: '<html>log in</html>' }) }),
    );
    expect([error.code, error.exitStatus]).toEqual(['not-an-api-server', EXIT.unreachable]);
  });

  it('the token has expired', async () => {
    const stub = await startKubeApiStub({ resources: [], token: 'another' });
    const kubeconfig = temporaryFile(stubKubeconfig(stub.url, { token: SECRET_TOKEN }));
    const error = await failureOf(read({ kubeconfig }));
    await stub.close();
    expect([error.code, error.exitStatus]).toEqual(['unauthorized', EXIT.unreachable]);
    expect(error.message).toContain(stub.url);
    expect(stub.requests).toHaveLength(1);
  });

  it.each([
    ['is not installed', 'no-such-plugin-anywhere', []],
    ['fails', process.execPath, ['-e', `console.error("${SECRET_TOKEN}"); process.exit(1)`]],
    ['prints no JSON', process.execPath, ['-e', `console.log("${SECRET_TOKEN}")`]],
  ])('the credential plugin %s', async (_case, command, args) => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command, args };
    const error = await failureOf(read({ kubeconfig: temporaryFile(stubKubeconfig('https://127.0.0.1:1', { exec })) }));
    expect([error.code, error.exitStatus]).toEqual(['credential-plugin-failed', EXIT.unreachable]);
  });
});

describe('credentials that expire while reading', () => {
  it('are obtained once more, and the reading goes on', async () => {
    const { coverage } = await readStub({
      resources: [resourceOf('v1', 'Pod', 1203)],
      token: SECRET_TOKEN,
      faults: ({ path, count }) =>
        path === '/api/v1/pods' && count === 1 ? { fault: 'status', status: 401 } : undefined,
    });
    expect(coverage).toEqual([{ kind: 'Pod', state: 'read', objects: 1203 }]);
  });

  it('end the reading where they stay refused', async () => {
    const reading = readStub({
      resources: [resourceOf('v1', 'Pod', 1203)],
      token: SECRET_TOKEN,
      faults: ({ path, count }) =>
        path === '/api/v1/pods' && count >= 1 ? { fault: 'status', status: 401 } : undefined,
    });
    expect((await failureOf(reading)).code).toBe('unauthorized');
  });
});

describe('cancelling', () => {
  it.each(['before', 'during'])('%s the reading ends it within two seconds with exit status 130', async (when) => {
    const abort = new AbortController();
    if (when === 'before') abort.abort();
    else
      setTimeout(() => {
        abort.abort();
      }, 100);
    const started = performance.now();
    const reading = readStub(
      {
        resources: [resourceOf('v1', 'Pod', 3)],
        faults: ({ path }) => (path === '/api/v1/pods' ? { fault: 'hang' } : undefined),
      },
      { signal: abort.signal, requestTimeoutSeconds: 60 },
    );
    const error = await failureOf(reading);
    expect([error.code, error.exitStatus]).toEqual(['cancelled', EXIT.cancelled]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
