import { Agent, request as requestHttps, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';

/** One answer of the API server, whatever its status. */
export interface KubeAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A resource as discovery tells it. */
export interface KubeResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly listable: boolean;
}

/** An administrator's access to a cluster, for setting it up and for looking at what is there. */
export interface Kube {
  /** GET; throws unless the answer is 200. */
  get(path: string): Promise<JsonObject>;
  send(method: string, path: string, body?: JsonObject): Promise<KubeAnswer>;
  /** Server-side apply, also of a subresource; throws where the server refuses. */
  apply(path: string, object: JsonObject): Promise<JsonObject>;
  /** All resources that are served, each in its group's preferred version, if it has that, else in another. */
  resources(): Promise<readonly KubeResource[]>;
  close(): void;
}

interface Content {
  readonly type: string;
  readonly text: string;
}

const MOST_ATTEMPTS = 40;

/** Opens the current context of a kubeconfig. */
export async function openKube(kubeconfig: string): Promise<Kube> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`${kubeconfig} names no server`);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: options.ca, cert: options.cert, key: options.key });

  function exchange(method: string, path: string, content?: Content): Promise<KubeAnswer> {
    const url = new URL(`${(server ?? '').replace(/\/$/, '')}${path}`);
    const headers = {
      ...(options.headers as Record<string, string>),
      accept: 'application/json',
      ...(content === undefined ? {} : { 'content-type': content.type }),
    };
    return new Promise((resolve, reject) => {
      const request = requestHttps(url, { method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) });
        });
      });
      request.on('error', reject);
      request.end(content?.text);
    });
  }

  /** A new kind's storage begins with 429 for a moment. */
  async function patiently(method: string, path: string, content?: Content): Promise<KubeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await exchange(method, path, content);
      if (answer.status !== 429 || attempt === MOST_ATTEMPTS) return answer;
      await sleep(500);
    }
  }

  async function get(path: string): Promise<JsonObject> {
    const answer = await patiently('GET', path);
    if (answer.status !== 200) throw refusal('GET', path, answer);
    return answer.body;
  }

  return {
    get,
    send: (method, path, body) => {
      const content = body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) };
      return exchange(method, path, content);
    },
    apply: async (path, object) => {
      const target = `${path}?fieldManager=meshwise-test&force=true`;
      const text = JSON.stringify(object);
      const answer = await patiently('PATCH', target, { type: 'application/apply-patch+yaml', text });
      if (answer.status !== 200 && answer.status !== 201) throw refusal('apply', path, answer);
      return answer.body;
    },
    resources: () => listResources(get),
    close: () => {
      agent.destroy();
    },
  };
}

/** The path of a list (or of one object) over all namespaces or in one. */
export function pathOf(resource: KubeResource, namespace?: string, name?: string): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}/${resource.apiVersion}${scope}/${resource.plural}${name === undefined ? '' : `/${name}`}`;
}

async function listResources(get: (path: string) => Promise<JsonObject>): Promise<readonly KubeResource[]> {
  const groups = asObjects((await get('/apis'))['groups']);
  const versions = groups.flatMap((group) => {
    const served = asObjects(group['versions']).map((version) => asText(version['groupVersion']) ?? '');
    return [...new Set([asText(at(group, 'preferredVersion', 'groupVersion')) ?? '', ...served])];
  });
  const lists = await Promise.all(
    ['v1', ...versions].map(async (apiVersion) => {
      const list = await get(apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`);
      return asObjects(list['resources']).map((entry) => resourceOf(apiVersion, entry));
    }),
  );
  const all = lists.flat().filter(({ plural }) => !plural.includes('/'));
  return all.filter((resource, index) => all.findIndex((other) => typeOf(other) === typeOf(resource)) === index);
}

function resourceOf(apiVersion: string, entry: JsonObject): KubeResource {
  return {
    apiVersion,
    kind: asText(entry['kind']) ?? '',
    plural: asText(entry['name']) ?? '',
    namespaced: entry['namespaced'] === true,
    listable: Array.isArray(entry['verbs']) && entry['verbs'].includes('list'),
  };
}

/** As kubectl names a type: `deployments.apps`, `pods`. */
export function typeOf({ apiVersion, plural }: KubeResource): string {
  return apiVersion.includes('/') ? `${plural}.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : plural;
}

function refusal(verb: string, path: string, { status, body }: KubeAnswer): Error {
  return new Error(`${verb} ${path}: ${String(status)} ${asText(body['message']) ?? ''}`);
}

function parse(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text)) ?? {};
  } catch {
    return { message: text.slice(0, 300) };
  }
}
