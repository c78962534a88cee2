import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/lib/json.ts';
import { demoControlPlane } from './demo-control-plane.ts';
import { syntheticCluster, type ClusterSize, type SyntheticKind } from './synthetic-cluster.ts';

/** As many objects as one page of a list holds. */
const PAGE_SIZE = 500;

/** One kind as it is served: its pages lie in files. */
export interface StoredKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly objects: number;
  readonly pages: readonly string[];
}

/** All that the server of pages needs to know. */
export interface PageStore {
  readonly kinds: readonly StoredKind[];
  /** ConfigMaps by `namespace/name`, which are asked for one by one. */
  readonly configMaps: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** Writes the cluster's lists as the API server would send them, page by page, and an index beside them. */
export function storePages(folder: string, size: ClusterSize): PageStore {
  mkdirSync(folder, { recursive: true });
  const { webhooks, configMaps, deployments, namespaces } = demoControlPlane();
  const kinds = syntheticCluster(size).map((kind) => {
    if (kind.kind === 'Deployment') return withMore(kind, deployments);
    return kind.kind === 'Namespace' ? withMore(kind, namespaces) : kind;
  });
  const hooks: SyntheticKind = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
    count: webhooks.length,
    objectAt: (index) => webhooks[index] ?? {},
  };
  let bytes = 0;
  const stored = [...kinds, hooks].map((kind) => {
    const pages = writePages(folder, kind);
    bytes += pages.reduce((sum, page) => sum + page.bytes, 0);
    const { apiVersion, plural, count } = kind;
    return { apiVersion, plural, kind: kind.kind, objects: count, pages: pages.map(({ file }) => file) };
  });
  const store = { kinds: stored, configMaps: byName(configMaps), bytes };
  writeFileSync(join(folder, 'store.json'), JSON.stringify(store));
  return store;
}

function withMore(kind: SyntheticKind, more: readonly JsonObject[]): SyntheticKind {
  const { count, objectAt } = kind;
  return {
    ...kind,
    count: count + more.length,
    objectAt: (index) => (index < count ? objectAt(index) : (more[index - count] ?? {})),
  };
}

function writePages(folder: string, kind: SyntheticKind): { readonly file: string; readonly bytes: number }[] {
  const pages = Math.max(1, Math.ceil(kind.count / PAGE_SIZE));
  return Array.from({ length: pages }, (_, page) => {
    const from = page * PAGE_SIZE;
    const items = Array.from({ length: Math.min(PAGE_SIZE, kind.count - from) }, (_item, index) =>
      kind.objectAt(from + index),
    );
    const isLast = page === pages - 1;
    const metadata = isLast
      ? { resourceVersion: '1000' }
      : { resourceVersion: '1000', continue: String(page + 1), remainingItemCount: kind.count - from - PAGE_SIZE };
    const text = JSON.stringify({ kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items });
    const file = join(folder, `${kind.plural}-${String(page)}.json`);
    writeFileSync(file, text);
    return { file, bytes: Buffer.byteLength(text) };
  });
}

function byName(objects: readonly JsonObject[]): Record<string, string> {
  return Object.fromEntries(
    objects.map((object) => {
      const { namespace, name } = object['metadata'] as { readonly namespace: string; readonly name: string };
      return [`${namespace}/${name}`, JSON.stringify(object)];
    }),
  );
}
