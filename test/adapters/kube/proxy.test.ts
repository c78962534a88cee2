import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startKubeApiStub, stubKubeconfig } from '../../support/kube-api-stub.ts';
import { readStub, resourceOf, temporaryFile } from './read-stub.ts';

/** A proxy that leads every CONNECT to one port, and the names it was asked for. */
async function startProxy(port: number): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.pipe(client);
      client.pipe(server);
    });
    sockets.push(client, server);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`, asked };
}

it('a cluster is read through the proxy of the environment', async () => {
  const resources = [resourceOf('v1', 'Pod', 3)];
  const behind = await startKubeApiStub({ resources });
  onTestFinished(() => behind.close());
  const proxy = await startProxy(Number(new URL(behind.url).port));
  const { coverage } = await readStub(
    { resources },
    {
      kubeconfig: temporaryFile(stubKubeconfig('http://api.cluster.invalid')),
      environment: { HTTP_PROXY: proxy.url },
    },
  );
  expect(coverage).toEqual([{ kind: 'Pod', state: 'read', objects: 3 }]);
  expect(new Set(proxy.asked)).toEqual(new Set(['api.cluster.invalid:80']));
});
