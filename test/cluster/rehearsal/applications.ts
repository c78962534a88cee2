import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { asObject, asText, at, type JsonObject } from '../../../src/lib/json.ts';

/** An application of the corpus, and what of it is loaded. */
export interface Application {
  readonly title: string;
  /** A file or a folder below the corpus. */
  readonly path: string;
}

/** The applications that rollouts are rehearsed with where the corpus is at hand. */
export const APPLICATIONS: readonly Application[] = [
  { title: 'Online Boutique', path: 'online-boutique/release/kubernetes-manifests.yaml' },
  { title: 'Bookinfo', path: 'istio-samples/bookinfo/platform/kube/bookinfo.yaml' },
  { title: 'Bank of Anthos', path: 'bank-of-anthos' },
  { title: 'Emojivoto', path: 'emojivoto/rendered/deployment.yaml' },
];

/** Kinds that the test server serves with their schemas and that applications of that kind are made of. */
const LOADED: ReadonlySet<string> = new Set([
  ...['Namespace', 'ServiceAccount', 'Service', 'ConfigMap', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'],
  ...['NetworkPolicy', 'Role', 'RoleBinding', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'],
]);

const NAMESPACED = (kind: string): boolean => kind !== 'Namespace';

/** The manifests of an application, with the namespace `shop` where none is written, and that namespace itself. */
export function readApplication(corpus: string, application: Application): readonly JsonObject[] {
  const root = path.join(corpus, application.path);
  const files = statSync(root).isDirectory()
    ? readdirSync(root)
        .filter((file) => /\.ya?ml$/.test(file))
        .sort()
        .map((file) => path.join(root, file))
    : [root];
  const objects = files
    .filter((file) => existsSync(file))
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((document) => asObject(document.toJS({ maxAliasCount: -1 })))
    .filter((object) => object !== undefined)
    .filter(({ kind }) => LOADED.has(asText(kind) ?? ''))
    .map(inNamespace);
  const named = new Set(objects.map((object) => asText(at(object, 'metadata', 'namespace')) ?? ''));
  const there = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(nameOf));
  const missing = [...named].filter((name) => name !== '' && !there.has(name));
  return [...missing.map(namespace), ...objects];
}

function inNamespace(object: JsonObject): JsonObject {
  if (!NAMESPACED(asText(object['kind']) ?? '')) return object;
  const metadata = asObject(object['metadata']) ?? {};
  return { ...object, metadata: { ...metadata, namespace: asText(metadata['namespace']) ?? 'shop' } };
}

function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function nameOf(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}
