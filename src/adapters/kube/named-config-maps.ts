import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import {
  CONFIG_MAP_OWNERS,
  configMapsIn,
  consulServerConfig,
  defaultNamespaces,
  type ConfigMapName,
} from '../../domain/world/named-config-maps.ts';
import { asText, at, type JsonObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import type { Answer, ApiClient } from './api-client.ts';

/** Learns from the objects that pass by where control planes run, so that their ConfigMaps can be asked for by name. */
export interface ConfigMapScout {
  observe(kind: Kind, objects: readonly JsonObject[]): void;
  /** The ConfigMaps that rules read, sorted by namespace and name. */
  wanted(): readonly ConfigMapName[];
}

const CONTROL_PLANE_KINDS: ReadonlySet<Kind> = new Set([KIND.deployment, KIND.daemonSet, KIND.statefulSet]);

/** A scout that starts from the namespaces where the meshes are installed by default. */
export function createConfigMapScout(): ConfigMapScout {
  const revisions = new Set<string>();
  const named: ConfigMapName[] = [];
  const places = new Map(CONFIG_MAP_OWNERS.map((owner) => [owner, new Set(defaultNamespaces(owner))]));

  function observeOne(kind: Kind, object: JsonObject): void {
    const label = (key: string): string | undefined => asText(at(object, 'metadata', 'labels', key));
    const revision = label('istio.io/rev');
    if (isRevision(revision) && (kind === KIND.mutatingWebhook || label('app') === 'istiod')) revisions.add(revision);
    const namespace = asText(at(object, 'metadata', 'namespace'));
    if (namespace === undefined || !CONTROL_PLANE_KINDS.has(kind)) return;
    if (label('app') === 'istiod') places.get('istio')?.add(namespace);
    if (label('k8s-app') === 'istio-cni-node') places.get('istio-cni')?.add(namespace);
    if (label('linkerd.io/control-plane-component') !== undefined) places.get('linkerd')?.add(namespace);
    if (label('k8s-app') === 'linkerd-cni') places.get('linkerd-cni')?.add(namespace);
    if (label('k8s-app') === 'cilium') places.get('cilium')?.add(namespace);
    const servers = kind === KIND.statefulSet ? (asText(at(object, 'metadata', 'name')) ?? '') : '';
    const name = consulServerConfig(servers, label);
    if (servers !== '' && name !== undefined) named.push({ namespace, name });
  }

  return {
    observe: (kind, objects) => {
      for (const object of objects) observeOne(kind, object);
    },
    wanted: () => configMapsIn({ places, revisions, named }),
  };
}

/** What to ask for by name, and what is known without asking. */
export interface ConfigMapsAsked {
  readonly names: readonly ConfigMapName[];
  /** All namespaces that there are, where they are known: nothing is in any other. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** Namespaces whose ConfigMaps were listed whole. */
  readonly listed: readonly string[];
}

/**
 * Reads the ConfigMaps one by one. ConfigMaps as a kind are never wholly read, so coverage is `partial` at best; it
 * names those of which is known whether they are there.
 */
export async function readConfigMaps(
  client: ApiClient,
  asked: ConfigMapsAsked,
  onObject: (object: JsonObject) => void,
): Promise<CoverageEntry> {
  const settled: string[] = [];
  const failures: string[] = [];
  let objects = 0;
  for (const { namespace, name } of asked.names) {
    if (asked.listed.includes(namespace)) continue;
    const full = `${namespace}/${name}`;
    const isNowhere = asked.namespaces?.has(namespace) === false;
    const answer = isNowhere ? undefined : await client.get(pathOf(namespace, name));
    if (answer === undefined || isMissing(answer)) settled.push(full);
    else if (isConfigMap(answer, name)) {
      settled.push(full);
      objects += 1;
      onObject({ ...answer.body, apiVersion: 'v1', kind: 'ConfigMap' });
    } else failures.push(`${full} could not be read (${whyNot(answer)})`);
  }
  const reason = ['only the named ones of meshes, CNI and DNS are asked for', ...failures].join('; ');
  return { kind: KIND.configMap, state: 'partial', objects, reason, names: sortedUnique(settled) };
}

function pathOf(namespace: string, name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
}

function isMissing(answer: Answer): boolean {
  return answer.result === 'refused' && answer.status === 404;
}

function isConfigMap(answer: Answer, name: string): answer is Extract<Answer, { result: 'object' }> {
  return answer.result === 'object' && at(answer.body, 'metadata', 'name') === name;
}

function whyNot(answer: Answer): string {
  switch (answer.result) {
    case 'refused':
      return answer.status === 403 ? 'no permission' : String(answer.status);
    case 'failed':
      return answer.reason;
    case 'object':
      return 'not a ConfigMap';
  }
}

/** The default revision's ConfigMaps carry no suffix. Anything that is not a label value is left alone. */
function isRevision(revision: string | undefined): revision is string {
  return revision !== undefined && revision !== 'default' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(revision);
}
