import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import type { PodShape } from '../../../src/domain/world/pod-shape.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import { asObject, asText, asTextMap, at, type JsonObject } from '../../../src/lib/json.ts';
import { object } from '../case-world.ts';

/** The opaque ports of Linkerd's chart. */
export const CHART_OPAQUE_PORTS = '25,587,3306,4444,5432,6379,9300,11211';

/** The chart's values as far as rules read them. */
export const CHART_VALUES: JsonObject = {
  clusterDomain: 'cluster.local',
  clusterNetworks: '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8',
  cniEnabled: false,
  identityTrustDomain: 'cluster.local',
  linkerdVersion: 'edge-26.8.3',
  identity: { serviceAccountTokenProjection: true },
  egress: { globalEgressNetworkNamespace: 'linkerd-egress' },
  policyController: { probeNetworks: ['0.0.0.0/0', '::/0'] },
  proxy: {
    defaultInboundPolicy: 'all-unauthenticated',
    disableInboundProtocolDetectTimeout: false,
    disableOutboundProtocolDetectTimeout: false,
    isIngress: false,
    nativeSidecar: true,
    opaquePorts: CHART_OPAQUE_PORTS,
    requireIdentityOnInboundPorts: '',
  },
  proxyInit: { ignoreInboundPorts: '4567,4568', ignoreOutboundPorts: '4567,4568', skipSubnets: '' },
};

/** Where a value that cases name without its path stands in the chart. */
const PATHS: Readonly<Record<string, string>> = {
  serviceAccountTokenProjection: 'identity.serviceAccountTokenProjection',
  nativeSidecar: 'proxy.nativeSidecar',
  opaquePorts: 'proxy.opaquePorts',
};

/** The chart's values with some replaced; a name may be a path with dots. */
export function chartValuesWith(values: unknown): JsonObject {
  return Object.entries(asObject(values) ?? {}).reduce<JsonObject>(
    (all, [name, value]) => withValue(all, (PATHS[name] ?? name).split('.'), value),
    CHART_VALUES,
  );
}

function withValue(all: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const below = asObject(all[key]) ?? {};
  if (rest.length > 0) return { ...all, [key]: withValue(below, rest, value) };
  return { ...all, [key]: asObject(value) === undefined ? value : { ...below, ...asObject(value) } };
}

/** The control plane that the chart installs: its configuration, its components and its webhook. */
export function linkerdControlPlane(values: JsonObject = CHART_VALUES, namespace = 'linkerd'): KubeObject[] {
  return [
    object('v1', 'ConfigMap', { name: 'linkerd-config', namespace, fields: { decoded: { values } } }),
    ...['destination', 'identity', 'proxy-injector'].map((component) => deployment(namespace, component)),
    webhookConfiguration(namespace),
  ];
}

function deployment(namespace: string, component: string): KubeObject {
  const labels = { 'linkerd.io/control-plane-component': component, 'linkerd.io/control-plane-ns': namespace };
  const containers = [{ name: component, image: 'cr.l5d.io/linkerd/controller:edge-26.8.3' }];
  const template = { metadata: { labels }, spec: { containers } };
  return object('apps/v1', 'Deployment', { name: `linkerd-${component}`, namespace, labels, spec: { template } });
}

function webhookConfiguration(namespace: string): KubeObject {
  const absent = (key: string): JsonObject => ({ key, operator: 'DoesNotExist' });
  const notIn = (key: string, ...values: readonly string[]): JsonObject => ({ key, operator: 'NotIn', values });
  const webhook = {
    name: 'linkerd-proxy-injector.linkerd.io',
    clientConfig: { service: { name: 'linkerd-proxy-injector', namespace } },
    failurePolicy: 'Ignore',
    namespaceSelector: {
      matchExpressions: [
        notIn('config.linkerd.io/admission-webhooks', 'disabled'),
        notIn('kubernetes.io/metadata.name', 'kube-system', 'cert-manager'),
      ],
    },
    objectSelector: {
      matchExpressions: [absent('linkerd.io/control-plane-component'), absent('linkerd.io/cni-resource')],
    },
    rules: [{ operations: ['CREATE'], resources: ['pods', 'services'] }],
  };
  return object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', {
    name: 'linkerd-proxy-injector-webhook-config',
    labels: { 'linkerd.io/control-plane-ns': namespace },
    fields: { webhooks: [webhook] },
  });
}

/** The pod of a case, from its `podLabels`, `podAnnotations` and `podSpec`. */
export function podOf(input: unknown): PodShape {
  const metadata = { labels: at(input, 'podLabels'), annotations: at(input, 'podAnnotations') };
  return readPodShape(metadata, at(input, 'podSpec') ?? {});
}

/** The Namespace of a case, from its `nsName`, `nsLabels` and `nsAnnotations`. */
export function namespaceOf(input: unknown): KubeObject {
  const labels = asTextMap(at(input, 'nsLabels'));
  const name = asText(at(input, 'nsName')) ?? labels['kubernetes.io/metadata.name'] ?? 'shop';
  return object('v1', 'Namespace', { name, labels, annotations: asTextMap(at(input, 'nsAnnotations')) });
}

export interface MeshedPodParts {
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Namespace of the control plane; undefined for a pod without a proxy. */
  readonly controlPlane: string | undefined;
  readonly hostNetwork?: boolean;
  readonly containers?: readonly JsonObject[];
}

/** A live pod that nobody owns, as injection leaves it where it has a control plane. */
export function linkerdPod(parts: MeshedPodParts): KubeObject {
  const { namespace = 'shop', name, controlPlane } = parts;
  const isMeshed = controlPlane !== undefined;
  const init = [
    { name: 'linkerd-init', image: IMAGE },
    { name: 'linkerd-proxy', image: IMAGE, restartPolicy: 'Always' },
  ];
  return object('v1', 'Pod', {
    name,
    namespace,
    labels: { ...parts.labels, ...(isMeshed ? { 'linkerd.io/control-plane-ns': controlPlane } : {}) },
    annotations: parts.annotations ?? {},
    spec: {
      serviceAccountName: name,
      ...(parts.hostNetwork === true ? { hostNetwork: true } : {}),
      containers: parts.containers ?? [{ name: 'app', image: 'example/app:1' }],
      initContainers: isMeshed ? init : [],
    },
  });
}

const IMAGE = 'cr.l5d.io/linkerd/proxy:edge-26.8.3';
