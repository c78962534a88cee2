import { asList, asObject, asText, asTextMap, at, type JsonObject } from '../../../src/lib/json.ts';
import {
  annotationsOf,
  kindOfRaw,
  labelsOf,
  listed,
  nameOf,
  namespaceOf,
  selects,
  type Raw,
  type RawCluster,
} from './raw-cluster.ts';

export type Proxy = 'none' | 'sidecar' | 'ztunnel' | 'linkerd';

/** A pod as the judge sees it. */
export interface NaivePod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly account: string;
  readonly proxy: Proxy;
  readonly ports: readonly { readonly number: number; readonly name: string | undefined }[];
}

/** Names a workload: `shop/Deployment/cart`. */
export interface WorkloadName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

const CONTROLLERS = new Set(['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet', 'batch/CronJob']);

/** All controllers of a cluster. */
export function controllersOf(cluster: RawCluster): readonly Raw[] {
  return [...cluster.objects.values()].filter((raw) => CONTROLLERS.has(kindOfRaw(raw)));
}

export function templateOf(controller: Raw): unknown {
  return at(controller, 'spec', 'template') ?? at(controller, 'spec', 'jobTemplate', 'spec', 'template');
}

/** The live pods of a controller; a Deployment's through its ReplicaSet, which bears its name before the last dash. */
export function livePodsOf(cluster: RawCluster, controller: Raw): readonly Raw[] {
  const [kind, name] = [asText(controller['kind']), nameOf(controller)];
  return listed(cluster, 'Pod', namespaceOf(controller)).filter((pod) => {
    const owner = asList(at(pod, 'metadata', 'ownerReferences'))[0];
    const ownerName = asText(at(owner, 'name')) ?? '';
    if (kind === 'Deployment') return at(owner, 'kind') === 'ReplicaSet' && ownerName.replace(/-[^-]*$/, '') === name;
    return at(owner, 'kind') === kind && ownerName === name;
  });
}

const remembered = new WeakMap<RawCluster, Map<string, readonly NaivePod[]>>();

/** What runs of a workload, and what its template would make next. */
export function podsOf(cluster: RawCluster, workload: WorkloadName): readonly NaivePod[] {
  const known = remembered.get(cluster) ?? new Map<string, readonly NaivePod[]>();
  remembered.set(cluster, known);
  const key = `${workload.namespace}/${workload.kind}/${workload.name}`;
  const pods = known.get(key) ?? findPods(cluster, workload);
  known.set(key, pods);
  return pods;
}

function findPods(cluster: RawCluster, { namespace, kind, name }: WorkloadName): readonly NaivePod[] {
  const controller = controllersOf(cluster).find(
    (raw) => raw['kind'] === kind && nameOf(raw) === name && namespaceOf(raw) === namespace,
  );
  if (controller === undefined) return [];
  const next = bornPod(cluster, namespace, templateOf(controller));
  return [...livePodsOf(cluster, controller), next].map((pod) => naivePod(cluster, namespace, pod));
}

/** A pod in the words of the judge; ambient mode takes pods in by their labels of this moment. */
export function naivePod(cluster: RawCluster, namespace: string, pod: Raw): NaivePod {
  const containers = [...asList(at(pod, 'spec', 'containers')), ...asList(at(pod, 'spec', 'initContainers'))];
  const names = containers.map((one) => at(one, 'name'));
  const proxy = names.includes('istio-proxy')
    ? 'sidecar'
    : names.includes('linkerd-proxy')
      ? 'linkerd'
      : isAmbient(cluster, namespace, pod)
        ? 'ztunnel'
        : 'none';
  return {
    namespace,
    labels: labelsOf(pod),
    annotations: annotationsOf(pod),
    account: asText(at(pod, 'spec', 'serviceAccountName')) ?? 'default',
    proxy,
    ports: containers
      .filter((one) => at(one, 'name') !== 'istio-proxy' && at(one, 'name') !== 'linkerd-proxy')
      .flatMap((one) => asList(at(one, 'ports')))
      .map((port) => ({ number: Number(at(port, 'containerPort')), name: asText(at(port, 'name')) })),
  };
}

function namespaceObject(cluster: RawCluster, namespace: string): Raw | undefined {
  return listed(cluster, 'Namespace').find((raw) => nameOf(raw) === namespace);
}

/** https://istio.io/latest/docs/ambient/usage/add-workloads/: the pod's own label goes before its namespace's. */
function isAmbient(cluster: RawCluster, namespace: string, pod: Raw): boolean {
  if (!listed(cluster, 'apps/DaemonSet').some((raw) => nameOf(raw) === 'ztunnel')) return false;
  if (at(pod, 'spec', 'hostNetwork') === true) return false;
  const asked =
    labelsOf(pod)['istio.io/dataplane-mode'] ??
    labelsOf(namespaceObject(cluster, namespace))['istio.io/dataplane-mode'];
  return asked === 'ambient';
}

/** What the API server makes of a pod from this template now: the webhooks of the cluster may give it a proxy. */
export function bornPod(cluster: RawCluster, namespace: string, template: unknown): Raw {
  const space = namespaceObject(cluster, namespace);
  const pod = { metadata: asObject(at(template, 'metadata')) ?? {}, spec: asObject(at(template, 'spec')) ?? {} };
  if (at(pod, 'spec', 'hostNetwork') === true) return pod;
  if (isSidecarAsked(cluster, space, pod)) return withSidecar(cluster, pod);
  return isLinkerdAsked(cluster, space, pod) ? withLinkerd(space, pod) : pod;
}

/** Both gates of Istio's injection: the webhook's selectors, then what the pod says of itself. */
function isSidecarAsked(cluster: RawCluster, space: Raw | undefined, pod: Raw): boolean {
  const own = labelsOf(pod)['sidecar.istio.io/inject'] ?? annotationsOf(pod)['sidecar.istio.io/inject'];
  if (own === 'false') return false;
  const ofNamespace = { ...labelsOf(space), 'kubernetes.io/metadata.name': space === undefined ? '' : nameOf(space) };
  return listed(cluster, 'admissionregistration.k8s.io/MutatingWebhookConfiguration')
    .flatMap((raw) => asList(raw['webhooks']))
    .some(
      (hook) =>
        (asText(at(hook, 'name')) ?? '').includes('sidecar-injector.istio.io') &&
        selects(at(hook, 'namespaceSelector'), ofNamespace) &&
        selects(at(hook, 'objectSelector'), labelsOf(pod)),
    );
}

function isLinkerdAsked(cluster: RawCluster, space: Raw | undefined, pod: Raw): boolean {
  const isThere = listed(cluster, 'admissionregistration.k8s.io/MutatingWebhookConfiguration').some((raw) =>
    nameOf(raw).startsWith('linkerd-proxy-injector'),
  );
  const asked = annotationsOf(pod)['linkerd.io/inject'] ?? annotationsOf(space)['linkerd.io/inject'];
  return isThere && (asked === 'enabled' || asked === 'ingress');
}

const ISTIO_PROXY = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'] };

function withSidecar(cluster: RawCluster, pod: Raw): Raw {
  const isHbone = listed(cluster, 'ConfigMap').some(
    (raw) => at(raw, 'decoded', 'mesh', 'defaultConfig', 'proxyMetadata', 'ISTIO_META_ENABLE_HBONE') === 'true',
  );
  const tunnel = isHbone ? { 'networking.istio.io/tunnel': 'http' } : {};
  return {
    metadata: {
      ...asObject(pod['metadata']),
      labels: { ...labelsOf(pod), 'security.istio.io/tlsMode': 'istio', ...tunnel },
      annotations: { ...annotationsOf(pod), 'sidecar.istio.io/status': `{"revision":"${revisionOf(cluster)}"}` },
    },
    spec: {
      ...asObject(pod['spec']),
      containers: [...asList(at(pod, 'spec', 'containers')), ISTIO_PROXY],
      initContainers: [...asList(at(pod, 'spec', 'initContainers')), { ...ISTIO_PROXY, name: 'istio-init' }],
    },
  };
}

function revisionOf(cluster: RawCluster): string {
  const istiod = listed(cluster, 'apps/Deployment').find((raw) => labelsOf(raw)['app'] === 'istiod');
  return labelsOf(istiod)['istio.io/rev'] ?? 'default';
}

const LINKERD_PROXY = { name: 'linkerd-proxy', image: 'cr.l5d.io/linkerd/proxy:edge-26.8.3', restartPolicy: 'Always' };

/** Settings of the namespace are copied to the pod at its birth, unless it has its own. */
function withLinkerd(space: Raw | undefined, pod: Raw): Raw {
  const inherited = Object.entries(annotationsOf(space)).filter(([key]) => key.startsWith('config.linkerd.io/'));
  return {
    metadata: {
      ...asObject(pod['metadata']),
      labels: { ...labelsOf(pod), 'linkerd.io/control-plane-ns': 'linkerd' },
      annotations: {
        ...Object.fromEntries(inherited),
        ...annotationsOf(pod),
        'linkerd.io/proxy-version': 'edge-26.8.3',
      },
    },
    spec: {
      ...asObject(pod['spec']),
      initContainers: [
        { name: 'linkerd-init', image: LINKERD_PROXY.image },
        LINKERD_PROXY,
        ...asList(at(pod, 'spec', 'initContainers')),
      ],
    },
  };
}

/** The labels that a Service picks its pods by; undefined for one that picks none. */
export function selectorOf(service: Raw | undefined): JsonObject | undefined {
  const wanted = asTextMap(at(service, 'spec', 'selector'));
  return Object.keys(wanted).length === 0 ? undefined : { matchLabels: wanted };
}
