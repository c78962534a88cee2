import { KIND } from '../../kubernetes/kinds.ts';
import { groupOf, type KubeObject, type Origin } from '../../kubernetes/object.ts';
import { COMPONENTS } from './gates.ts';
import { CONTROL_PLANE_NAMESPACE } from './linkerd-facts.ts';
import type { LinkerdRelease } from './linkerd-releases.ts';

const ORIGIN: Origin = { from: 'assumed', by: 'control-plane' };
const PLANE: Readonly<Record<string, string>> = { 'linkerd.io/control-plane-ns': CONTROL_PLANE_NAMESPACE };

/**
 * What the Helm commands create, as far as other rules look at it: never written as manifests.
 * Source: linkerd2 charts/linkerd-control-plane/templates.
 */
export function expectedLinkerd(
  { version, chart }: LinkerdRelease,
  values: Readonly<Record<string, unknown>>,
): readonly KubeObject[] {
  return [
    object(['v1', KIND.namespace], CONTROL_PLANE_NAMESPACE, {
      labels: { ...PLANE, 'linkerd.io/is-control-plane': 'true', 'config.linkerd.io/admission-webhooks': 'disabled' },
      annotations: { 'linkerd.io/inject': 'disabled' },
    }),
    object(['v1', KIND.configMap], 'linkerd-config', {
      labels: { ...PLANE, 'linkerd.io/control-plane-component': 'controller' },
      decoded: { values, 'linkerd-crds-chart-version': `linkerd-crds-${chart}` },
    }),
    object(['v1', KIND.configMap], 'linkerd-identity-trust-roots', {}),
    ...COMPONENTS.flatMap((name) => component(name, version)),
    webhook(),
  ];
}

function component(name: string, version: string): readonly KubeObject[] {
  const role = name.replace(/^linkerd-/, '');
  const labels = { ...PLANE, 'linkerd.io/control-plane-component': role };
  const containers = [
    {
      name: role,
      image: `cr.l5d.io/linkerd/controller:${version}`,
      ports: [{ name: 'admin-http', containerPort: 9990 }],
    },
  ];
  return [
    object(['v1', KIND.serviceAccount], name, {}),
    object(['apps/v1', 'Deployment'], name, {
      labels: { ...labels, 'app.kubernetes.io/version': version },
      fields: {
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { serviceAccountName: name, containers } },
        },
      },
    }),
  ];
}

function webhook(): KubeObject {
  const notIn = (key: string, values: readonly string[]): unknown => ({ key, operator: 'NotIn', values });
  const missing = (key: string): unknown => ({ key, operator: 'DoesNotExist' });
  const service = { name: 'linkerd-proxy-injector', namespace: CONTROL_PLANE_NAMESPACE, path: '/' };
  return object(
    ['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'],
    'linkerd-proxy-injector-webhook-config',
    {
      labels: { ...PLANE, 'linkerd.io/control-plane-component': 'proxy-injector' },
      fields: {
        webhooks: [
          {
            name: 'linkerd-proxy-injector.linkerd.io',
            clientConfig: { service },
            failurePolicy: 'Ignore',
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods', 'services'] }],
            namespaceSelector: {
              matchExpressions: [
                notIn('config.linkerd.io/admission-webhooks', ['disabled']),
                notIn('kubernetes.io/metadata.name', ['kube-system', 'cert-manager']),
              ],
            },
            objectSelector: {
              matchExpressions: [missing('linkerd.io/control-plane-component'), missing('linkerd.io/cni-resource')],
            },
          },
        ],
      },
    },
  );
}

type ApiKind = readonly [apiVersion: string, kind: string];

interface Parts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly decoded?: Readonly<Record<string, unknown>>;
  readonly fields?: Readonly<Record<string, unknown>>;
}

function object([apiVersion, kind]: ApiKind, name: string, parts: Parts): KubeObject {
  const isCluster = kind === 'MutatingWebhookConfiguration' || (groupOf(apiVersion) === '' && kind === 'Namespace');
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(isCluster ? {} : { namespace: CONTROL_PLANE_NAMESPACE }),
      labels: parts.labels ?? {},
      annotations: parts.annotations ?? {},
      ownerReferences: [],
    },
    origin: ORIGIN,
    ...parts.fields,
    ...(parts.decoded === undefined ? {} : { decoded: parts.decoded }),
  };
}
