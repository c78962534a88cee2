import { createReadStream, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PageStore, StoredKind } from './page-store.ts';

// A program of its own, so that what it needs is not counted as the reader's: `page-server.ts STORE`.
const [, , storeFile = ''] = process.argv;
const store = JSON.parse(readFileSync(storeFile, 'utf8')) as PageStore;
const requests: Record<string, number> = {};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/requests') {
    sendJson(response, requests);
    for (const key of Object.keys(requests)) requests[key] = 0;
    return;
  }
  requests[url.pathname] = (requests[url.pathname] ?? 0) + 1;
  answer(url, response);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
});

function answer(url: URL, response: ServerResponse): void {
  const discovered = discovery(url.pathname);
  if (discovered !== undefined) {
    sendJson(response, discovered);
    return;
  }
  const listed = store.kinds.find((kind) => url.pathname === pathOf(kind));
  const page = listed?.pages[Number(url.searchParams.get('continue') ?? '0')];
  if (page !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json' });
    createReadStream(page).pipe(response);
    return;
  }
  const named = /^\/api\/v1\/namespaces\/([^/]+)\/configmaps\/([^/]+)$/.exec(url.pathname);
  const configMap = store.configMaps[`${named?.[1] ?? ''}/${named?.[2] ?? ''}`];
  if (configMap !== undefined) response.end(configMap);
  else sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }, 404);
}

function discovery(path: string): object | undefined {
  if (path === '/version') return { gitVersion: 'v1.34.2', major: '1', minor: '34' };
  const versions = [...new Set(store.kinds.map(({ apiVersion }) => apiVersion))];
  if (path === '/apis') {
    const groups = versions
      .filter((version) => version.includes('/'))
      .map((groupVersion) => {
        const [name = '', version = ''] = groupVersion.split('/');
        return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
      });
    return { kind: 'APIGroupList', groups };
  }
  const version = versions.find((candidate) => path === rootOf(candidate));
  if (version === undefined) return undefined;
  const resources = store.kinds
    .filter(({ apiVersion }) => apiVersion === version)
    .map(({ plural, kind }) => ({ name: plural, kind, namespaced: true, verbs: ['get', 'list', 'watch'] }));
  return { kind: 'APIResourceList', groupVersion: version, resources };
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function pathOf({ apiVersion, plural }: StoredKind): string {
  return `${rootOf(apiVersion)}/${plural}`;
}

function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
