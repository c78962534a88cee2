import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { asText, at, type JsonObject } from '../../lib/json.ts';
import { compareBy, sortedUnique } from '../../lib/order.ts';
import type { Answer, ApiClient } from './api-client.ts';

interface ConfigMapRef {
  readonly namespace: string;
  readonly name: string;
}

/** Learns from the objects that pass by where control planes run, so that their ConfigMaps can be asked for by name. */
export interface ConfigMapScout {
  observe(kind: Kind, objects: readonly JsonObject[]): void;
  /** The ConfigMaps to read; only those in `namespaces`, if all namespaces are known. */
  wanted(namespaces: ReadonlySet<string> | undefined): readonly ConfigMapRef[];
}

const KUBE_SYSTEM = 'kube-system';
const CONTROL_PLANE_KINDS: ReadonlySet<Kind> = new Set([KIND.deployment, KIND.daemonSet]);

/** A scout that starts from the namespaces where the meshes are installed by default. */
export function createConfigMapScout(): ConfigMapScout {
  const revisions = new Set<string>();
  const istio = new Set(['istio-system']);
  const istioCni = new Set(['istio-system', KUBE_SYSTEM]);
  const linkerd = new Set(['linkerd']);
  const cilium = new Set([KUBE_SYSTEM]);

  function observeOne(kind: Kind, object: JsonObject): void {
    const label = (key: string): string | undefined => asText(at(object, 'metadata', 'labels', key));
    const revision = label('istio.io/rev');
    if (isRevision(revision) && (kind === KIND.mutatingWebhook || label('app') === 'istiod')) revisions.add(revision);
    const namespace = asText(at(object, 'metadata', 'namespace'));
    if (namespace === undefined || !CONTROL_PLANE_KINDS.has(kind)) return;
    if (label('app') === 'istiod') istio.add(namespace);
    if (label('k8s-app') === 'istio-cni-node') istioCni.add(namespace);
    if (label('linkerd.io/control-plane-component') !== undefined) linkerd.add(namespace);
    if (label('k8s-app') === 'cilium') cilium.add(namespace);
  }

  return {
    observe: (kind, objects) => {
      for (const object of objects) observeOne(kind, object);
    },
    wanted: (namespaces) => {
      const suffixes = ['', ...sortedUnique(revisions).map((revision) => `-${revision}`)];
      const perRevision = suffixes.flatMap((suffix) => [`istio${suffix}`, `istio-sidecar-injector${suffix}`]);
      return [
        ...pairs(istio, [...perRevision, 'istio-ca-root-cert']),
        ...pairs(istioCni, ['istio-cni-config']),
        ...pairs(linkerd, ['linkerd-config', 'linkerd-identity-trust-roots']),
        ...pairs(cilium, ['cilium-config']),
        ...pairs([KUBE_SYSTEM], ['coredns', 'kube-proxy']),
      ]
        .filter((ref) => namespaces?.has(ref.namespace) ?? true)
        .sort(
          compareBy(
            (ref) => ref.namespace,
            (ref) => ref.name,
          ),
        );
    },
  };
}

/** Reads the ConfigMaps one by one. ConfigMaps as a kind are never wholly read, so coverage is `partial` at best. */
export async function readConfigMaps(
  client: ApiClient,
  refs: readonly ConfigMapRef[],
  onObject: (object: JsonObject) => void,
): Promise<CoverageEntry> {
  const failures: string[] = [];
  let objects = 0;
  for (const { namespace, name } of refs) {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;
    const answer = await client.get(path);
    if (isConfigMap(answer, name)) {
      objects += 1;
      onObject({ ...answer.body, apiVersion: 'v1', kind: 'ConfigMap' });
    } else if (answer.result !== 'refused' || answer.status !== 404) {
      failures.push(`${namespace}/${name} could not be read (${whyNot(answer)})`);
    }
  }
  return { kind: KIND.configMap, state: 'partial', objects, reason: reasonFor(failures) };
}

function isConfigMap(answer: Answer, name: string): answer is Extract<Answer, { result: 'object' }> {
  return answer.result === 'object' && at(answer.body, 'metadata', 'name') === name;
}

function reasonFor(failures: readonly string[]): string {
  const scope = 'only the named ones of meshes, CNI and DNS are asked for';
  return [scope, ...failures].join('; ');
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

function pairs(namespaces: Iterable<string>, names: readonly string[]): ConfigMapRef[] {
  return [...namespaces].flatMap((namespace) => names.map((name) => ({ namespace, name })));
}
