import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { known, unknown, type Fact } from '../../domain/world/fact.ts';
import { asText, at, type JsonObject } from '../../lib/json.ts';
import { compareBy } from '../../lib/order.ts';
import { createApiClient, type Answer, type ApiClient } from './api-client.ts';
import { notAnApiServer } from './api-errors.ts';
import { systemClock, type Clock } from './clock.ts';
import { openConnection } from './connection.ts';
import { discover, type Resource } from './discovery.ts';
import { listPages } from './list-pages.ts';
import { createConfigMapScout, readConfigMaps, type ConfigMapScout } from './named-config-maps.ts';
import type { Environment } from './proxy-environment.ts';

/** How far the reading is; `expected` is the server's estimate where it gave one. */
export interface ReadProgress {
  readonly kind: Kind;
  readonly objects: number;
  readonly expected?: number;
  readonly kindsDone: number;
  readonly kindsTotal: number;
}

export interface ReadClusterOptions {
  /** Path; else KUBECONFIG, ~/.kube/config or the pod's service account. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  /** For each request; 0 means no limit. */
  readonly requestTimeoutSeconds: number;
  /** Requests a second; 0 means no limit. */
  readonly qps: number;
  readonly signal: AbortSignal;
  /** What to read. Secrets are never requested, and ConfigMaps only by the names that rules need. */
  readonly kinds: readonly Kind[];
  /** Receives raw objects, kind and apiVersion filled in; nothing of them is kept here. */
  readonly onPage: (kind: Kind, objects: readonly JsonObject[]) => void;
  /** The list of the kind expired and is read anew: what `onPage` got of it must be dropped. */
  readonly onRestart: (kind: Kind) => void;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  readonly environment?: Environment | undefined;
  readonly clock?: Clock | undefined;
}

/** What is known of a cluster once its objects have gone to `onPage`. */
export interface ClusterReading {
  /** One entry for each kind asked for, sorted by kind. */
  readonly coverage: readonly CoverageEntry[];
  readonly kubernetesVersion: Fact<string>;
  /** The API server's time when the reading began, RFC 3339. */
  readonly asOf: Fact<string>;
  /** Names of the cluster and of the context in the kubeconfig. */
  readonly cluster: string;
  readonly context: string;
  readonly warnings: readonly string[];
}

interface Reading {
  readonly client: ApiClient;
  readonly options: ReadClusterOptions;
  readonly scout: ConfigMapScout;
  readonly namespaces: Set<string>;
  readonly warnings: string[];
  readonly total: number;
  done: number;
}

const SECRET: Kind = 'Secret';
const MOST_KINDS_IN_FLIGHT = 2;

/**
 * Reads the wanted kinds of a live cluster by GET alone: discovery, then lists of 500 objects a page, at most two kinds
 * at a time. What cannot be read becomes a coverage entry; throws an AppError only where nothing can be read.
 */
export async function readCluster(options: ReadClusterOptions): Promise<ClusterReading> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const { clock = systemClock, environment = process.env, requestTimeoutSeconds, qps } = options;
  const connection = await openConnection({ ...options, environment, signal });
  try {
    const client = createApiClient({ connection, requestTimeoutSeconds, qps, signal, clock });
    const version = await client.get('/version');
    refuseOtherServers(version, connection.server);
    const reading: Reading = {
      client,
      options,
      scout: createConfigMapScout(),
      namespaces: new Set(),
      warnings: [],
      total: new Set(options.kinds).size,
      done: 0,
    };
    const coverage = await readKinds(reading);
    const { cluster, context } = connection;
    return { coverage, ...versionFacts(version), cluster, context, warnings: [...reading.warnings].sort() };
  } finally {
    stop.abort();
    connection.close();
  }
}

/** An API server tells its version, or that one may not ask (403) or that the path is hidden (404). */
function refuseOtherServers(version: Answer, server: string): void {
  if (version.result === 'failed') throw notAnApiServer(server, version.reason);
  if (version.result === 'refused' && version.status !== 403 && version.status !== 404) {
    throw notAnApiServer(server, `the server answered ${String(version.status)}`);
  }
}

async function readKinds(reading: Reading): Promise<readonly CoverageEntry[]> {
  const { client, options } = reading;
  const wanted = new Set(options.kinds);
  const listed = [...wanted].filter((kind) => kind !== SECRET && kind !== KIND.configMap);
  const { resources, unlisted } = await discover(client, listed);
  const entries: CoverageEntry[] = unlisted.map((entry) => ({ ...entry, objects: 0 }));
  reading.done = unlisted.length;
  entries.push(...(await listAll(reading, resources)));
  if (wanted.has(KIND.configMap)) entries.push(await readNamedConfigMaps(reading, entries));
  if (wanted.has(SECRET)) {
    entries.push({ kind: SECRET, state: 'unread', objects: 0, reason: 'Secrets are never requested' });
  }
  return entries.sort(compareBy((entry) => entry.kind));
}

async function listAll(reading: Reading, resources: readonly Resource[]): Promise<readonly CoverageEntry[]> {
  const queue = [...resources];
  const entries: CoverageEntry[] = [];
  async function work(): Promise<void> {
    for (let resource = queue.shift(); resource !== undefined; resource = queue.shift()) {
      entries.push(await listOne(reading, resource));
      reading.done += 1;
    }
  }
  await Promise.all(Array.from({ length: MOST_KINDS_IN_FLIGHT }, work));
  return entries;
}

async function listOne(reading: Reading, resource: Resource): Promise<CoverageEntry> {
  const { options, scout, namespaces, warnings } = reading;
  const { kind } = resource;
  let objects = 0;
  return listPages(reading.client, resource, {
    page: (page, remaining) => {
      objects += page.length;
      scout.observe(kind, page);
      if (kind === KIND.namespace) for (const name of namesOf(page)) namespaces.add(name);
      options.onPage(kind, page);
      report(reading, { kind, objects, ...(remaining === undefined ? {} : { expected: objects + remaining }) });
    },
    restart: () => {
      objects = 0;
      warnings.push(`the list of ${kind} expired while it was read and was begun anew; the cluster changed meanwhile`);
      options.onRestart(kind);
    },
  });
}

async function readNamedConfigMaps(reading: Reading, entries: readonly CoverageEntry[]): Promise<CoverageEntry> {
  const { client, options, scout, namespaces } = reading;
  const knowsAll = entries.some((entry) => entry.kind === KIND.namespace && entry.state === 'read');
  return readConfigMaps(client, scout.wanted(knowsAll ? namespaces : undefined), (object) => {
    options.onPage(KIND.configMap, [object]);
  });
}

function report(reading: Reading, progress: Pick<ReadProgress, 'kind' | 'objects' | 'expected'>): void {
  reading.options.onProgress?.({ ...progress, kindsDone: reading.done, kindsTotal: reading.total });
}

function namesOf(objects: readonly JsonObject[]): string[] {
  return objects.flatMap((object) => asText(at(object, 'metadata', 'name')) ?? []);
}

function versionFacts(version: Answer): Pick<ClusterReading, 'kubernetesVersion' | 'asOf'> {
  if (version.result !== 'object') {
    const reason = 'the version of the API server could not be read';
    return { kubernetesVersion: unknown(reason), asOf: unknown('the time of the API server could not be read') };
  }
  const gitVersion = asText(version.body['gitVersion']);
  const milliseconds = Date.parse(version.date ?? '');
  return {
    kubernetesVersion: gitVersion === undefined ? unknown('the API server names no version') : known(gitVersion),
    asOf: Number.isNaN(milliseconds)
      ? unknown('the API server gave no date')
      : known(new Date(milliseconds).toISOString().replace('.000Z', 'Z')),
  };
}
