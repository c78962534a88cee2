import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/lib/json.ts';
import { at } from '../../src/lib/json.ts';

/** One resource that the stub serves, with its objects. */
export interface StubResource {
  /** `v1` or `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly objects: readonly JsonObject[];
  readonly verbs?: readonly string[];
  /** Whether objects have a namespace; they do by default. */
  readonly namespaced?: boolean;
}

/** One request as it came in; `count` says how many came for the same path before. */
export interface StubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly count: number;
}

/** What goes wrong with an answer. `cut` sends half of the body, `close` sends half and ends as if that were all. */
export type Fault =
  | { readonly fault: 'status'; readonly status: number; readonly retryAfterSeconds?: number | string }
  | { readonly fault: 'body'; readonly body: string }
  | { readonly fault: 'cut' | 'close' | 'reset' | 'hang' }
  | { readonly fault: 'slow'; readonly milliseconds: number };

export interface StubOptions {
  readonly resources: readonly StubResource[];
  /** Bearer token that is asked for; none by default. */
  readonly token?: string;
  /** Called for each request; what it returns happens in place of, or to, the answer. */
  readonly faults?: (request: StubRequest) => Fault | undefined;
  readonly gzip?: boolean;
  /** Groups that `/apis` names although no resource is in them. */
  readonly emptyGroups?: readonly string[];
}

export interface KubeApiStub {
  readonly url: string;
  readonly requests: readonly StubRequest[];
  /** Makes continue tokens given out so far answer 410. */
  expireTokens(): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: JsonObject;
}

/** The time that every answer carries, whatever the clock says. */
export const STUB_DATE = 'Sat, 21 Nov 2026 10:00:00 GMT';
export const STUB_VERSION = 'v1.34.2';

/** An API server on the loopback interface that serves the objects given: discovery, paged lists, get, and faults. */
export async function startKubeApiStub(options: StubOptions): Promise<KubeApiStub> {
  const requests: StubRequest[] = [];
  let tokenGeneration = 1;
  const server = createServer((incoming, response) => {
    const request = describe(incoming, requests);
    requests.push(request);
    const fault = options.faults?.(request);
    const isAllowed = options.token === undefined || request.headers.authorization === `Bearer ${options.token}`;
    const reply = isAllowed ? replyTo(request, options, tokenGeneration) : refusal(401);
    send(response, { fault, reply, gzip: options.gzip === true });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    expireTokens: () => {
      tokenGeneration += 1;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A kubeconfig (JSON is YAML) with one context, `stub`, for the server. */
export function stubKubeconfig(url: string, user: JsonObject = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'stub',
    clusters: [{ name: 'stub-cluster', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'stub-user', user }],
    contexts: [{ name: 'stub', context: { cluster: 'stub-cluster', user: 'stub-user' } }],
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function describe(incoming: IncomingMessage, earlier: readonly StubRequest[]): StubRequest {
  const url = new URL(incoming.url ?? '/', 'http://stub');
  const count = earlier.filter((request) => request.path === url.pathname).length;
  const { method = '', headers } = incoming;
  return { method, path: url.pathname, query: url.searchParams, headers, count };
}

function replyTo(request: StubRequest, options: StubOptions, tokenGeneration: number): Reply {
  const { path } = request;
  if (path === '/version') return ok({ major: '1', minor: '34', gitVersion: STUB_VERSION });
  if (path === '/apis') return ok({ kind: 'APIGroupList', groups: groupsOf(options) });
  const [, apiVersion, , namespace, plural, name] =
    /^\/apis?\/((?:[^/]+\.[^/]+\/|[a-z]+\/(?=v\d))?v\d[a-z0-9]*)(\/namespaces\/([^/]+))?(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      path,
    ) ?? [];
  const served = options.resources.filter((resource) => resource.apiVersion === apiVersion);
  if (served.length === 0) return refusal(404);
  const named = served.find((candidate) => candidate.namespaced === false && candidate.plural === 'namespaces');
  if (plural === undefined && namespace !== undefined) {
    const found = named?.objects.find((candidate) => at(candidate, 'metadata', 'name') === namespace);
    return found === undefined ? refusal(404) : ok({ ...found, apiVersion, kind: 'Namespace' });
  }
  if (plural === undefined)
    return ok({ kind: 'APIResourceList', groupVersion: apiVersion, resources: served.map(describeResource) });
  const resource = served.find((candidate) => candidate.plural === plural);
  if (resource === undefined) return refusal(404);
  if (name === undefined) return listReply(inNamespace(resource, namespace), request.query, tokenGeneration);
  const object = resource.objects.find(
    (candidate) => at(candidate, 'metadata', 'name') === name && at(candidate, 'metadata', 'namespace') === namespace,
  );
  return object === undefined ? refusal(404) : ok({ ...object, apiVersion: resource.apiVersion, kind: resource.kind });
}

function groupsOf(options: StubOptions): JsonObject[] {
  const versions = [...new Set(options.resources.map((resource) => resource.apiVersion))].filter((text) =>
    text.includes('/'),
  );
  const names = [...new Set(versions.map((text) => text.slice(0, text.indexOf('/'))))];
  const groups = names.map((name) => {
    const own = versions.filter((text) => text.startsWith(`${name}/`)).map((groupVersion) => ({ groupVersion }));
    return { name, versions: own, preferredVersion: own[0] };
  });
  const empty = (options.emptyGroups ?? []).map((name) => {
    const version = { groupVersion: `${name}/v1` };
    return { name, versions: [version], preferredVersion: version };
  });
  return [...groups, ...empty];
}

function describeResource(resource: StubResource): JsonObject {
  const { kind, plural, verbs = ['get', 'list', 'watch'], namespaced = true } = resource;
  return { name: plural, kind, namespaced, verbs };
}

function inNamespace(resource: StubResource, namespace: string | undefined): StubResource {
  if (namespace === undefined) return resource;
  const objects = resource.objects.filter((object) => at(object, 'metadata', 'namespace') === namespace);
  return { ...resource, objects };
}

function listReply(resource: StubResource, query: URLSearchParams, tokenGeneration: number): Reply {
  const [generation, offsetText] = (query.get('continue') ?? `${String(tokenGeneration)}:0`).split(':');
  if (Number(generation) !== tokenGeneration) return refusal(410);
  const offset = Number(offsetText);
  const end = offset + Number(query.get('limit') ?? resource.objects.length);
  const left = resource.objects.length - end;
  const more = left > 0 ? { continue: `${String(tokenGeneration)}:${String(end)}`, remainingItemCount: left } : {};
  const items = resource.objects.slice(offset, end);
  return ok({ kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata: more, items });
}

function ok(body: JsonObject): Reply {
  return { status: 200, body };
}

function refusal(status: number): Reply {
  return { status, body: { kind: 'Status', status: 'Failure', code: status } };
}

interface Sending {
  readonly fault: Fault | undefined;
  readonly reply: Reply;
  readonly gzip: boolean;
}

function send(response: ServerResponse, { fault, reply, gzip }: Sending): void {
  const text = fault?.fault === 'body' ? fault.body : JSON.stringify(reply.body);
  const body = gzip ? gzipSync(text) : Buffer.from(text);
  const status = fault?.fault === 'status' ? fault.status : reply.status;
  response.setHeader('date', STUB_DATE);
  response.setHeader('content-type', 'application/json');
  if (gzip) response.setHeader('content-encoding', 'gzip');
  if (fault?.fault === 'status' && fault.retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', String(fault.retryAfterSeconds));
  }
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (fault?.fault) {
    case 'reset':
      response.destroy();
      return;
    case 'hang':
      return;
    case 'close':
      response.writeHead(status).end(half);
      return;
    case 'cut':
      response.writeHead(status, { 'content-length': String(body.length) });
      response.write(half, () => response.destroy());
      return;
    case 'slow':
      setTimeout(() => response.writeHead(status).end(body), fault.milliseconds);
      return;
    case 'body':
    case 'status':
    case undefined:
      response.writeHead(status).end(body);
  }
}
