import { asObject, type JsonObject } from '../../../../src/lib/json.ts';
import { namespace, service, workload } from '../../../support/build-world.ts';
import { SHOP } from '../shop.ts';

/** The shop, in which one object is made otherwise. */
export function shopWith(
  kind: string,
  name: string,
  change: (object: JsonObject) => JsonObject,
): readonly JsonObject[] {
  return SHOP.map((object) =>
    object['kind'] === kind && asObject(object['metadata'])?.['name'] === name ? change(object) : object,
  );
}

/** The shop in which Namespace pay has labels. */
export function payLabelled(labels: Readonly<Record<string, string>>): readonly JsonObject[] {
  return shopWith('Namespace', 'pay', () => namespace('pay', labels));
}

/** A manifest of a type, as `v1 Service`, at `namespace/name`, or at `name` where it lies in none. */
export function manifest(type: string, place: string, spec: JsonObject): JsonObject {
  const [apiVersion = '', kind = ''] = type.split(' ');
  const [space = '', name = ''] = place.includes('/') ? place.split('/') : ['', place];
  return { apiVersion, kind, metadata: { name, ...(space === '' ? {} : { namespace: space }) }, spec };
}

/** An AuthorizationPolicy of somebody else for the payments. */
export function theirPolicy(spec: JsonObject): JsonObject {
  return manifest('security.istio.io/v1 AuthorizationPolicy', 'pay/theirs', {
    selector: { matchLabels: { app: 'payments' } },
    ...spec,
  });
}

/** A PeerAuthentication. */
export function peerAuthentication(place: string, spec: JsonObject): JsonObject {
  return manifest('security.istio.io/v1 PeerAuthentication', place, spec);
}

/** The workload with annotations on its pod template. */
export function annotated(object: JsonObject, annotations: Readonly<Record<string, string>>): JsonObject {
  const spec = asObject(object['spec']) ?? {};
  const template = asObject(spec['template']) ?? {};
  const metadata = { ...asObject(template['metadata']), annotations };
  return { ...object, spec: { ...spec, template: { ...template, metadata } } };
}

/** The object with other fields in its spec. */
export function withSpec(object: JsonObject, more: JsonObject): JsonObject {
  return { ...object, spec: { ...asObject(object['spec']), ...more } };
}

/** An ingress controller in a namespace of its own, and an Ingress that leads to port 80 of the Service. */
export function ingressTo(space: string, name: string): readonly JsonObject[] {
  return [
    namespace('edge'),
    workload('edge', 'nginx', {
      container: { image: 'registry.k8s.io/ingress-nginx/controller:v1' },
      labels: { 'app.kubernetes.io/name': 'ingress-nginx' },
    }),
    manifest('networking.k8s.io/v1 IngressClass', 'nginx', { controller: 'k8s.io/ingress-nginx' }),
    manifest('networking.k8s.io/v1 Ingress', `${space}/${name}`, {
      ingressClassName: 'nginx',
      defaultBackend: { service: { name, port: { number: 80 } } },
    }),
  ];
}

/** The shop with a Prometheus, in a namespace of its own, that scrapes the application's port of the cart. */
export const SCRAPED: readonly JsonObject[] = [
  ...shopWith('Service', 'cart', (object) => ({
    ...object,
    metadata: { name: 'cart', namespace: 'shop', labels: { app: 'cart' } },
  })),
  namespace('metrics'),
  workload('metrics', 'prometheus', { container: { image: 'quay.io/prometheus/prometheus:v3' } }),
  manifest('monitoring.coreos.com/v1 ServiceMonitor', 'shop/cart', {
    selector: { matchLabels: { app: 'cart' } },
    endpoints: [{ port: 'http' }],
  }),
];

const HOOK = { namespace: 'shop', name: 'hook', port: 443 };

/** A workload with its Service that the API server may be told to call at port 443. */
export const HOOKED: readonly JsonObject[] = [
  workload('shop', 'hook', { port: 9443 }),
  service('shop', 'hook', { name: 'https', port: 443, targetPort: 9443 }),
];

/** Has the API server call it for admission. */
export const WEBHOOK: JsonObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'policy' },
  webhooks: [{ name: 'policy.example.com', clientConfig: { service: HOOK } }],
};

/** Has the API server call it for an API. */
export const AGGREGATED: JsonObject = manifest('apiregistration.k8s.io/v1 APIService', 'v1.example.com', {
  group: 'example.com',
  version: 'v1',
  service: HOOK,
});

/** Of a pod: an init container that calls the payments. */
export const MIGRATES: JsonObject = {
  initContainers: [
    { name: 'migrate', image: 'example.com/migrate:1', env: [{ name: 'PAYMENTS_URL', value: 'http://payments.pay' }] },
  ],
};

/** A DestinationRule that sets how clients of the payments send TLS. */
export function destinationRule(mode: string): JsonObject {
  return manifest('networking.istio.io/v1 DestinationRule', 'pay/payments', {
    host: 'payments.pay.svc.cluster.local',
    trafficPolicy: { tls: { mode } },
  });
}
