import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from '../../../src/lib/json.ts';
import { ambientMesh, completeWorld, controlPlane, object, pod as sidecarPod } from '../case-world.ts';
import { policyObject } from './authz-objects.ts';

/** A pod of a case, with what istioctl looks at. */
export interface CasePod {
  readonly namespace: string;
  readonly name: string;
  /** Whether istioctl counts it as a pod of the mesh today. */
  readonly inMesh: boolean;
  /** Whether it has a container or an init container with the name of the proxy. */
  readonly hasProxy: boolean;
}

export interface PeerWorld {
  readonly world: World;
  readonly pods: readonly CasePod[];
}

/**
 * The world of a case: its namespaces, pods, policies and Services, and a control plane of the default revision with
 * its webhooks. Policies and Services are judged where the mesh is, so what a case leaves out is taken as in the mesh:
 * a namespace named only by its name is labelled for injection, a pod in it has its sidecar, and behind each Service
 * runs such a pod.
 */
export function peerWorld(input: unknown): PeerWorld {
  const namespaces = namespacesOf(input);
  const pods = [...asObjects([at(input, 'pod')]), ...asObjects(at(input, 'pods'))].map((raw, index) =>
    readPod(raw, index, { input, namespaces }),
  );
  const services = [...asObjects([at(input, 'service')]), ...asObjects(at(input, 'services'))].flatMap(serviceObjects);
  const policies = [...asObjects([at(input, 'policy')]), ...asObjects(at(input, 'policies'))].map((raw, index) =>
    policyObject(withShortRules(raw), index),
  );
  const world = completeWorld([
    ...meshOf(input),
    ...chartWebhookConfigurations({
      revisions: ['default'],
      enableNamespacesByDefault: injectsByDefault(input),
      origin: { from: 'read' },
    }),
    ...[...namespaces].map(([name, labels]) => object('v1', 'Namespace', { name, labels })),
    ...services,
    ...pods.map((each) => each.object),
    ...policies,
  ]);
  return { world, pods: pods.map(({ facts }) => facts) };
}

/** Whether the case's installation injects namespaces that say nothing. */
function injectsByDefault(input: unknown): boolean {
  return [at(input, 'install'), input].some((place) => at(place, 'enableNamespacesByDefault') === true);
}

/** Sources and operations without their wrappers, as the cases of other groups write them. */
function withShortRules(raw: JsonObject): JsonObject {
  const shortened = (list: unknown, wrapper: string): unknown =>
    asObjects(list).map((entry) => asObject(entry[wrapper]) ?? entry);
  const rules = asObjects(raw['rules']).map((rule) => ({
    ...rule,
    from: shortened(rule['from'], 'source'),
    to: shortened(rule['to'], 'operation'),
  }));
  return raw['rules'] === undefined ? raw : { ...raw, rules };
}

type Labels = Readonly<Record<string, string>>;

const INJECTION = { 'istio-injection': 'enabled' } as const;
const REDIRECTION = 'ambient.istio.io/redirection';

function namespacesOf(input: unknown): ReadonlyMap<string, Labels> {
  const named = new Map<string, Labels>(asTexts(at(input, 'namespaces')).map((name) => [name, INJECTION]));
  for (const raw of [...asObjects(at(input, 'namespaces')), ...asObjects([at(input, 'namespace')])]) {
    const labels = asTextMap(raw['labels']);
    named.set(asText(raw['name']) ?? 'default', labels);
  }
  for (const raw of [...asObjects([at(input, 'service')]), ...asObjects(at(input, 'services'))]) {
    const name = asText(raw['namespace']) ?? 'default';
    if (!named.has(name)) named.set(name, isSystem(name) ? {} : INJECTION);
  }
  for (const raw of asObjects(at(input, 'pods'))) {
    const name = asText(raw['namespace']);
    if (name !== undefined && !named.has(name)) named.set(name, INJECTION);
  }
  return named;
}

/** Namespaces that istioctl does not look into. Source: istio pkg/config/analysis/analyzers/util, IsSystemNamespace. */
function isSystem(name: string): boolean {
  return ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'].includes(name);
}

function meshOf(input: unknown): readonly KubeObject[] {
  const rootNamespace = asText(at(input, 'rootNamespace') ?? at(input, 'meshConfig', 'rootNamespace'));
  const parts = { mesh: rootNamespace === undefined ? {} : { rootNamespace } };
  const all = [...asObjects([at(input, 'pod')]), ...asObjects(at(input, 'pods'))];
  const isAmbient = all.some(({ annotations }) => at(annotations, REDIRECTION) !== undefined);
  return isAmbient ? ambientMesh(parts) : controlPlane(parts);
}

interface PodContext {
  readonly input: unknown;
  readonly namespaces: ReadonlyMap<string, Labels>;
}

function readPod(raw: JsonObject, index: number, { input, namespaces }: PodContext) {
  const own = asText(at(input, 'namespace', 'name'));
  const namespace = asText(raw['namespace']) ?? own ?? 'default';
  const name = asText(raw['name']) ?? `pod-${String(index)}`;
  const labels = asTextMap(raw['labels']);
  const annotations = asTextMap(raw['annotations']);
  const written = [...asObjects(raw['containers']), ...asObjects(raw['initContainers'])];
  const hasProxy = written.some((container) => container['name'] === 'istio-proxy');
  const isLabelled = namespaces.get(namespace)?.['istio-injection'] === 'enabled';
  const asked = labels[INJECT] ?? annotations[INJECT];
  const isAmbient = annotations[REDIRECTION] === 'enabled';
  const inMesh = hasProxy || isAmbient || (asked === undefined ? isLabelled : asked === 'true');
  const facts: CasePod = { namespace, name, inMesh, hasProxy };
  // A case about a pod's containers writes them; one about policies only says which pods there are.
  if (written.length > 0) return { facts, object: writtenPod(raw, facts) };
  // What istioctl counts as outside today stays outside, also in the worlds ahead that the checks ask about.
  const out = inMesh ? {} : { [INJECT]: 'false' };
  const sidecar = inMesh && !isAmbient;
  return { facts, object: sidecarPod({ namespace, name, labels: { ...labels, ...out }, annotations, sidecar }) };
}

const INJECT = 'sidecar.istio.io/inject';

function writtenPod(raw: JsonObject, { namespace, name }: CasePod): KubeObject {
  const withImage = (container: JsonObject): JsonObject => ({ image: imageOf(container), ...container });
  const fields = ['hostNetwork'].filter((field) => raw[field] !== undefined).map((field) => [field, raw[field]]);
  return object('v1', 'Pod', {
    namespace,
    name,
    labels: asTextMap(raw['labels']),
    annotations: asTextMap(raw['annotations']),
    spec: {
      ...(Object.fromEntries(fields) as JsonObject),
      containers: asObjects(raw['containers']).map(withImage),
      initContainers: asObjects(raw['initContainers']).map(withImage),
    },
  });
}

function imageOf(container: JsonObject): string {
  return container['name'] === 'istio-proxy' ? 'istio/proxyv2:1.31.0' : 'example/app:1';
}

function serviceObjects(raw: JsonObject, index: number): readonly KubeObject[] {
  const namespace = asText(raw['namespace']) ?? 'default';
  const name = asText(raw['name']) ?? `service-${String(index)}`;
  const labels = { app: name };
  const { name: _name, namespace: _namespace, labels: _labels, metadata: _metadata, ...spec } = raw;
  const selector = asObject(raw['selector']) ?? (raw['type'] === 'ExternalName' ? undefined : labels);
  return [
    object('v1', 'Service', {
      namespace,
      name,
      labels: { ...asTextMap(at(raw, 'metadata', 'labels')), ...asTextMap(raw['labels']) },
      spec: { ...spec, ...(selector === undefined ? {} : { selector }) },
    }),
    sidecarPod({ namespace, name: `${name}-1`, labels, sidecar: true }),
  ];
}
