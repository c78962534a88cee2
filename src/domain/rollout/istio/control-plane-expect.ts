import { KIND } from '../../kubernetes/kinds.ts';
import { groupOf, type KubeObject, type Origin } from '../../kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../mesh/istio/injection/chart-webhooks.ts';
import type { ChosenRelease } from './choose-release.ts';
import { ISTIO_HUB } from './istio-releases.ts';

/** Namespace of a control plane that this plan installs; also its root namespace. */
export const CONTROL_PLANE_NAMESPACE = 'istio-system';

/** The revision tag that namespaces and pods ask for, so that upgrades do not touch them. */
export const REVISION_TAG = 'prod';

const ORIGIN: Origin = { from: 'assumed', by: 'control-plane' };

/** What the Helm commands create, as far as other rules look at it: never written as manifests. */
export function expectedControlPlane(
  release: ChosenRelease,
  values: Readonly<Record<string, unknown>>,
): readonly KubeObject[] {
  const { revision } = release;
  const istiod = `istiod-${revision}`;
  const labels = { app: 'istiod', 'istio.io/rev': revision };
  const template = istiodTemplate(release, { istiod, labels });
  const webhooks = chartWebhookConfigurations({
    revisions: [revision],
    tags: [{ tag: REVISION_TAG, revision }],
    origin: ORIGIN,
  });
  return [
    object(['v1', KIND.namespace], CONTROL_PLANE_NAMESPACE, {}),
    object(['v1', KIND.serviceAccount], istiod, {}),
    object(['v1', KIND.configMap], `istio-${revision}`, { decoded: { mesh: values['meshConfig'] ?? {} } }),
    object(['v1', KIND.configMap], `istio-sidecar-injector-${revision}`, {
      decoded: { values, config: { policy: 'enabled', neverInjectSelector: [], alwaysInjectSelector: [] } },
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
  ];
}

function istiodTemplate(
  { revision, version }: ChosenRelease,
  { istiod, labels }: { readonly istiod: string; readonly labels: Readonly<Record<string, string>> },
): unknown {
  const container = {
    name: 'discovery',
    image: `${ISTIO_HUB}/pilot:${version}`,
    env: [{ name: 'REVISION', value: revision }],
    ports: [{ containerPort: 15012 }, { containerPort: 15017 }],
  };
  return { metadata: { labels }, spec: { serviceAccountName: istiod, containers: [container] } };
}

/** The node agent that chart `cni` installs. */
export function expectedNodeAgent(version: string): readonly KubeObject[] {
  const labels = { 'k8s-app': 'istio-cni-node' };
  const template = {
    metadata: { labels },
    spec: { hostNetwork: true, containers: [{ name: 'install-cni', image: `${ISTIO_HUB}/install-cni:${version}` }] },
  };
  return [
    object(['apps/v1', 'DaemonSet'], 'istio-cni-node', {
      labels,
      fields: { spec: { selector: { matchLabels: labels }, template } },
    }),
  ];
}

type ApiKind = readonly [apiVersion: string, kind: string];

interface Parts {
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
      ...(isNamespaced ? { namespace: CONTROL_PLANE_NAMESPACE } : {}),
      labels: parts.labels ?? {},
      annotations: {},
      ownerReferences: [],
    },
    origin: ORIGIN,
    ...parts.fields,
    ...(parts.decoded === undefined ? {} : { decoded: parts.decoded }),
  };
}
