import { KIND } from '../../kubernetes/kinds.ts';
import { groupOf, type KubeObject, type Origin } from '../../kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../mesh/istio/injection/chart-webhooks.ts';
import { asObject, at } from '../../../lib/json.ts';
import type { ChosenRelease } from './choose-release.ts';
import { ISTIO_HUB } from './istio-releases.ts';

/** Namespace of a control plane that this plan installs; also its root namespace. */
export const CONTROL_PLANE_NAMESPACE = 'istio-system';

/** The revision tag that namespaces and pods ask for, so that upgrades do not touch them. */
export const REVISION_TAG = 'prod';

/** What the data plane asks of the installation: `sidecar` alone needs nothing on the nodes. */
export type DataPlaneNeed = 'sidecar' | 'sidecar-with-cni' | 'ambient';

const ORIGIN: Origin = { from: 'assumed', by: 'control-plane' };

type Values = Readonly<Record<string, unknown>>;

/** What the Helm commands create, as far as other rules look at it: never written as manifests. */
export function expectedControlPlane(
  release: ChosenRelease,
  values: Values,
  need: DataPlaneNeed,
): readonly KubeObject[] {
  const { revision } = release;
  const istiod = `istiod-${revision}`;
  const labels = { app: 'istiod', 'istio.io/rev': revision };
  const template = istiodTemplate(release, { istiod, labels, need });
  const webhooks = chartWebhookConfigurations({
    revisions: [revision],
    tags: [{ tag: REVISION_TAG, revision }],
    origin: ORIGIN,
  });
  return [
    object(['v1', KIND.namespace], CONTROL_PLANE_NAMESPACE, {}),
    object(['v1', KIND.serviceAccount], istiod, {}),
    object(['v1', KIND.configMap], `istio-${revision}`, { decoded: { mesh: meshConfig(values, need) } }),
    object(['v1', KIND.configMap], `istio-sidecar-injector-${revision}`, {
      decoded: {
        values: injectorValues(values, need),
        config: { policy: 'enabled', neverInjectSelector: [], alwaysInjectSelector: [] },
      },
    }),
    object(['apps/v1', 'Deployment'], istiod, {
      labels,
      fields: { spec: { replicas: 2, selector: { matchLabels: labels }, template } },
    }),
    object(['v1', KIND.service], istiod, {
      fields: {
        spec: {
          selector: labels,
          ports: [
            { name: 'https-dns', port: 15012 },
            { name: 'https-webhook', port: 443, targetPort: 15017 },
          ],
        },
      },
    }),
    ...webhooks,
    ...(need === 'ambient' ? [waypointClass()] : []),
  ];
}

/** The profile of ambient mode lets new sidecars take HBONE. Source: istio manifests/helm-profiles/ambient.yaml. */
function meshConfig(values: Values, need: DataPlaneNeed): Values {
  const written = asObject(values['meshConfig']) ?? {};
  if (need !== 'ambient') return written;
  const defaultConfig = asObject(written['defaultConfig']) ?? {};
  return { ...written, defaultConfig: { ...defaultConfig, proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } } };
}

/** Istiod renders the injector's values with `pilot.cni` from what the chart was told as `cni`. */
function injectorValues(values: Values, need: DataPlaneNeed): Values {
  const enabled = at(values, 'cni', 'enabled') === true;
  return need === 'sidecar' ? values : { ...values, pilot: { cni: { enabled } } };
}

/** The class of waypoints, which istiod makes where the cluster serves the Gateway API. */
export function waypointClass(): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'istio-waypoint', labels: {}, annotations: {}, ownerReferences: [] },
    origin: ORIGIN,
    spec: { controllerName: 'istio.io/mesh-controller' },
  };
}

interface IstiodParts {
  readonly istiod: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly need: DataPlaneNeed;
}

function istiodTemplate({ revision, version }: ChosenRelease, { istiod, labels, need }: IstiodParts): unknown {
  const container = {
    name: 'discovery',
    image: `${ISTIO_HUB}/pilot:${version}`,
    env: [
      { name: 'REVISION', value: revision },
      ...(need === 'ambient' ? [{ name: 'PILOT_ENABLE_AMBIENT', value: 'true' }] : []),
    ],
    ports: [{ containerPort: 15012 }, { containerPort: 15017 }],
  };
  return { metadata: { labels }, spec: { serviceAccountName: istiod, containers: [container] } };
}

/** Where node agents are expected, of which version, and by what control plane. */
export interface ExpectedAgents {
  readonly namespace: string;
  readonly version: string;
  /** Absent where istiod has none. */
  readonly revision?: string;
  readonly need: DataPlaneNeed;
}

/**
 * The node agents that the charts `cni` and, in ambient mode, `ztunnel` install.
 * Source: istio manifests/charts/{istio-cni,ztunnel}/templates.
 */
export function expectedNodeAgents(agents: ExpectedAgents): readonly KubeObject[] {
  const { namespace, version, need } = agents;
  const isAmbient = need === 'ambient';
  const settings = { ambientEnabled: isAmbient, excludeNamespaces: ['kube-system'] };
  return [
    ...(isAmbient
      ? [object(['v1', KIND.configMap], 'istio-cni-config', { namespace, decoded: { cni: settings } })]
      : []),
    agent('istio-cni-node', agents, {
      labels: { 'k8s-app': 'istio-cni-node' },
      account: 'istio-cni',
      container: { name: 'install-cni', image: `${ISTIO_HUB}/install-cni:${version}` },
    }),
    ...(isAmbient ? [ztunnel(agents)] : []),
  ];
}

function ztunnel(agents: ExpectedAgents): KubeObject {
  const { revision, version } = agents;
  const istiod = revision === undefined ? 'istiod' : `istiod-${revision}`;
  const address = `${istiod}.${agents.namespace}.svc:15012`;
  return agent('ztunnel', agents, {
    labels: { app: 'ztunnel' },
    account: 'ztunnel',
    container: {
      name: 'istio-proxy',
      image: `${ISTIO_HUB}/ztunnel:${version}`,
      args: ['proxy', 'ztunnel'],
      env: [
        { name: 'CA_ADDRESS', value: address },
        { name: 'XDS_ADDRESS', value: address },
      ],
      ports: [{ containerPort: 15020, name: 'ztunnel-stats' }],
    },
  });
}

interface AgentParts {
  readonly labels: Readonly<Record<string, string>>;
  readonly account: string;
  readonly container: Values;
}

function agent(name: string, { namespace, revision }: ExpectedAgents, parts: AgentParts): KubeObject {
  const annotations = revision === undefined ? {} : { 'istio.io/rev': revision };
  const template = {
    metadata: {
      labels: { ...parts.labels, 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' },
      annotations,
    },
    spec: { serviceAccountName: parts.account, containers: [parts.container] },
  };
  return object(['apps/v1', 'DaemonSet'], name, {
    namespace,
    labels: parts.labels,
    annotations,
    fields: { spec: { selector: { matchLabels: parts.labels }, template } },
  });
}

type ApiKind = readonly [apiVersion: string, kind: string];

interface Parts {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly decoded?: Readonly<Record<string, unknown>>;
  readonly fields?: Readonly<Record<string, unknown>>;
}

function object([apiVersion, kind]: ApiKind, name: string, parts: Parts): KubeObject {
  const isNamespaced = !(groupOf(apiVersion) === '' && kind === 'Namespace');
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(isNamespaced ? { namespace: parts.namespace ?? CONTROL_PLANE_NAMESPACE } : {}),
      labels: parts.labels ?? {},
      annotations: parts.annotations ?? {},
      ownerReferences: [],
    },
    origin: ORIGIN,
    ...parts.fields,
    ...(parts.decoded === undefined ? {} : { decoded: parts.decoded }),
  };
}
