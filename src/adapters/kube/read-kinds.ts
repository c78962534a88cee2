import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { asText, at, type JsonObject } from '../../lib/json.ts';
import { compareBy, sortedUnique } from '../../lib/order.ts';
import type { ApiClient } from './api-client.ts';
import { discover, type Resource } from './discovery.ts';
import { getByName, listInNamespaces } from './list-namespaces.ts';
import { listPages, type PageSink } from './list-pages.ts';
import { createConfigMapScout, readConfigMaps, type ConfigMapScout } from './named-config-maps.ts';
import { createProgressMeter, type ProgressMeter, type ReadProgress } from './read-progress.ts';

export interface ReadKindsOptions {
  /** What to read. Secrets are never requested, and ConfigMaps only by the names that rules need. */
  readonly kinds: readonly Kind[];
  /** Namespaces to list alone, where a kind may not be listed over all of them. */
  readonly namespaces?: readonly string[] | undefined;
  /** Namespaces whose ConfigMaps are all read. */
  readonly configMapNamespaces?: readonly string[] | undefined;
  /** Receives raw objects, kind and apiVersion filled in; nothing of them is kept here. */
  readonly onPage: (kind: Kind, objects: readonly JsonObject[]) => void;
  /** The list of the kind expired and is read anew: what `onPage` got of it must be dropped. */
  readonly onRestart: (kind: Kind) => void;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

interface Reading {
  readonly client: ApiClient;
  readonly options: ReadKindsOptions;
  readonly scout: ConfigMapScout;
  readonly meter: ProgressMeter;
  /** Names of the namespaces that came. */
  readonly namespaces: Set<string>;
  readonly warnings: string[];
}

/** How far each kind was read, sorted by kind, and what was odd about it. */
export interface KindsRead {
  readonly coverage: readonly CoverageEntry[];
  readonly warnings: readonly string[];
}

const SECRET: Kind = 'Secret';
const MOST_KINDS_IN_FLIGHT = 2;
/** The kinds that are many come first, so that the time that all will take is known early. */
const MANY: readonly Kind[] = [KIND.pod, KIND.replicaSet, KIND.endpointSlice, KIND.service];

/** Reads the wanted kinds: discovery, then lists page by page, then ConfigMaps by name. */
export async function readKinds(client: ApiClient, options: ReadKindsOptions): Promise<KindsRead> {
  const wanted = new Set(options.kinds);
  const listed = [...wanted].filter((kind) => kind !== SECRET && kind !== KIND.configMap);
  const { resources, unlisted } = await discover(client, listed);
  const scout = createConfigMapScout();
  const further = wanted.has(KIND.configMap) ? scout.wanted().length : 0;
  const meter = createProgressMeter(wanted.size, unlisted.length, further);
  const reading: Reading = { client, options, scout, meter, namespaces: new Set(), warnings: [] };
  const entries: CoverageEntry[] = unlisted.map(({ kind, state, reason }) => ({ kind, state, objects: 0, reason }));
  entries.push(...(await listAll(reading, resources)));
  if (wanted.has(KIND.configMap)) entries.push(await readNamedAndAsked(reading, entries));
  if (wanted.has(SECRET)) {
    entries.push({ kind: SECRET, state: 'unread', objects: 0, reason: 'Secrets are never requested' });
  }
  return { coverage: entries.sort(compareBy((entry) => entry.kind)), warnings: reading.warnings };
}

async function listAll(reading: Reading, resources: readonly Resource[]): Promise<readonly CoverageEntry[]> {
  const early = MANY.flatMap((kind) => resources.find((resource) => resource.kind === kind) ?? []);
  const queue = [...new Set([...early, ...resources])];
  const entries: CoverageEntry[] = [];
  async function work(): Promise<void> {
    for (let resource = queue.shift(); resource !== undefined; resource = queue.shift()) {
      entries.push(await listOne(reading, resource));
      reading.meter.done(resource.kind);
    }
  }
  await Promise.all(Array.from({ length: MOST_KINDS_IN_FLIGHT }, work));
  return entries;
}

async function listOne(reading: Reading, resource: Resource): Promise<CoverageEntry> {
  const sink = sinkFor(reading, resource.kind);
  const entry = await listPages(reading.client, resource, sink);
  const names = sortedUnique(reading.options.namespaces ?? []);
  if (entry.state !== 'forbidden' || names.length === 0) return entry;
  const why = entry.reason ?? 'no permission to list it in all namespaces';
  if (resource.namespaced) return listInNamespaces(reading.client, resource, { namespaces: names, sink, why });
  return resource.kind === KIND.namespace ? getByName(reading.client, resource, { names, sink, why }) : entry;
}

function sinkFor({ options, scout, meter, namespaces, warnings }: Reading, kind: Kind): PageSink {
  return {
    page: (page, remaining) => {
      scout.observe(kind, page);
      if (kind === KIND.namespace) for (const name of namesOf(page)) namespaces.add(name);
      options.onPage(kind, page);
      const progress = meter.page(kind, page.length, remaining);
      options.onProgress?.(progress);
    },
    restart: () => {
      meter.restart(kind);
      warnings.push(`the list of ${kind} expired while it was read and was begun anew; the cluster changed meanwhile`);
      options.onRestart(kind);
    },
  };
}

/** ConfigMaps of the namespaces that were asked for are listed; of all others only the named ones are read. */
async function readNamedAndAsked(reading: Reading, entries: readonly CoverageEntry[]): Promise<CoverageEntry> {
  const { client, options, scout, namespaces } = reading;
  const knowsAll = entries.some((entry) => entry.kind === KIND.namespace && entry.state === 'read');
  const asked = sortedUnique(options.configMapNamespaces ?? []);
  const whole = asked.length === 0 ? undefined : await listConfigMaps(reading, asked);
  const listed = whole?.namespaces ?? [];
  const named = await readConfigMaps(
    client,
    { names: scout.wanted(), namespaces: knowsAll ? namespaces : undefined, listed },
    (object) => {
      options.onPage(KIND.configMap, [object]);
    },
  );
  if (whole === undefined) return named;
  const reasons = [named.reason, whole.reason].filter((reason) => reason !== undefined);
  return { ...named, objects: named.objects + whole.objects, reason: reasons.join('; '), namespaces: listed };
}

async function listConfigMaps(reading: Reading, namespaces: readonly string[]): Promise<CoverageEntry> {
  const resource: Resource = {
    kind: KIND.configMap,
    apiVersion: 'v1',
    name: 'ConfigMap',
    path: '/api/v1/configmaps',
    pathOf: (namespace) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
    namespaced: true,
  };
  const sink = sinkFor(reading, KIND.configMap);
  return listInNamespaces(reading.client, resource, { namespaces, sink, why: 'lists were asked for' });
}

function namesOf(objects: readonly JsonObject[]): string[] {
  return objects.flatMap((object) => asText(at(object, 'metadata', 'name')) ?? []);
}
