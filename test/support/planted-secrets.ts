import { meshesAndScalers } from './planted-meshes.ts';
import { annotations, configMaps, meta, workloads, type Plant } from './planted-workloads.ts';

/** Objects with a token in every place where people keep secrets, and the tokens. */
export interface PlantedSecrets {
  readonly objects: readonly unknown[];
  readonly tokens: readonly string[];
}

const TOKEN = /TOK\d+Zq9vKp7LmW2s/g;

/** The tokens in a text. */
export function tokensOf(text: string): readonly string[] {
  return [...new Set(text.match(TOKEN) ?? [])];
}

/** Plants every place once; each token is different. */
export function planted(): PlantedSecrets {
  let count = 0;
  const plant: Plant = () => {
    count += 1;
    return `TOK${String(count).padStart(3, '0')}Zq9vKp7LmW2s`;
  };
  const objects = [
    ...workloads(plant),
    ...configMaps(plant),
    ...edge(plant),
    ...webhooks(plant),
    ...istio(plant),
    ...monitors(plant),
    ...others(plant),
    ...meshesAndScalers(plant),
  ];
  return { objects, tokens: tokensOf(JSON.stringify(objects)) };
}

/** Files that cannot be read, with tokens beside and in the fault. */
export function broken(): readonly { readonly name: string; readonly text: string }[] {
  const token = 'TOK900Zq9vKp7LmW2s';
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';
  return [
    { name: 'bare.json', text: `{"kind":"ConfigMap","data":{"p": ${token}}}` },
    { name: 'two.json', text: `{"kind":"Secret","data":{"p":"a" "${token}"}}` },
    { name: 'cut.json', text: `{"kind":"Secret","data":{"p":"${token}` },
    { name: 'alias.yaml', text: `${map}data: {a: *${token}}\n` },
    { name: 'tag.yaml', text: `${map}data: {a: !x!${token} b}\n` },
    { name: 'odd-tag.yaml', text: `${map}data: {a: !<${token}^> b}\n` },
    { name: 'indent.yaml', text: `${map}data:\n  password: ${token}\n p: "${token}\n` },
    { name: 'twice.yaml', text: `${map}data:\n  ${token}: a\n  ${token}: b\n` },
    { name: 'separator.yaml', text: `${map}---${token}\n` },
    { name: 'handle.yaml', text: `%TAG !e! ${token}\n${map}` },
    { name: 'mesh.yaml', text: meshMap(`rootNamespace: [\n  ${token}`) },
    { name: 'mesh-alias.yaml', text: meshMap(`rootNamespace: *${token}`) },
  ];
}

function meshMap(mesh: string): string {
  const metadata = { name: 'istio', namespace: 'istio-system' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { mesh } });
}

function edge(plant: Plant): unknown[] {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const modifier = { set: [{ name: 'x-api-key', value: plant() }] };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: meta('edge', plant),
      spec: { rules: [{ host: 'a', http: { paths: [{ path: `/x?token=${plant()}`, pathType: 'Prefix', backend }] } }] },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: meta('route', plant),
      spec: {
        parentRefs: [{ name: 'edge' }],
        rules: [
          {
            matches: [
              {
                path: { type: 'PathPrefix', value: `/x?token=${plant()}` },
                headers: [{ name: 'authorization', value: plant() }],
                queryParams: [{ name: 'token', value: plant() }],
              },
            ],
            filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: modifier }],
            backendRefs: [{ name: 'web', port: 80 }],
          },
        ],
      },
    },
  ];
}

function webhooks(plant: Plant): unknown[] {
  const url = (): string => `https://u:${plant()}@web.shop.svc:80/hook?token=${plant()}#${plant()}`;
  const service = (): unknown => ({ name: 'web', namespace: 'shop', path: `/p?token=${plant()}`, port: 80 });
  return [
    ...['Mutating', 'Validating'].map((kind) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name: kind.toLowerCase(), annotations: annotations(plant) },
      webhooks: [
        { name: 'a.b.c', clientConfig: { url: url(), caBundle: plant() } },
        { name: 'd.b.c', clientConfig: { service: service() } },
      ],
    })),
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'foos.x.io', annotations: annotations(plant) },
      spec: {
        versions: [{ name: 'v1', schema: { openAPIV3Schema: { default: plant() } } }],
        conversion: { strategy: 'Webhook', webhook: { clientConfig: { url: url(), service: service() } } },
      },
    },
  ];
}

function istio(plant: Plant): unknown[] {
  const spec = {
    hosts: ['web'],
    http: [
      {
        match: [
          {
            headers: { authorization: { exact: `Bearer ${plant()}` } },
            queryParams: { token: { exact: plant() } },
            uri: { prefix: `/${plant()}` },
          },
        ],
        headers: { request: { set: { 'x-api-key': plant() } } },
        rewrite: { uri: `/?k=${plant()}` },
        redirect: { uri: `/?k=${plant()}` },
        directResponse: { status: 200, body: { string: plant() } },
        route: [{ destination: { host: 'web' }, headers: { response: { add: { a: plant() } } } }],
      },
    ],
  };
  const when = [{ key: 'request.headers[x-api-key]', values: [plant()], notValues: [`${plant()}*`] }];
  const jwtRules = [{ issuer: 'x', jwks: plant(), jwksUri: `http://u:${plant()}@web.shop:80/?t=${plant()}` }];
  return [
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: meta('vs', plant), spec },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: meta('deny', plant),
      spec: { action: 'DENY', rules: [{ when, to: [{ operation: { paths: [`/x?token=${plant()}`] } }] }] },
    },
    {
      apiVersion: 'security.istio.io/v1',
      kind: 'RequestAuthentication',
      metadata: meta('jwt', plant),
      spec: { jwtRules },
    },
    {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'EnvoyFilter',
      metadata: meta('filter', plant),
      spec: { configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'MERGE', value: { inline: plant() } } }] },
    },
    {
      apiVersion: 'extensions.istio.io/v1alpha1',
      kind: 'WasmPlugin',
      metadata: meta('wasm', plant),
      spec: { url: `oci://u:${plant()}@r/x`, pluginConfig: { key: plant() }, vmConfig: { env: [{ value: plant() }] } },
    },
  ];
}

function monitors(plant: Plant): unknown[] {
  const endpoint = {
    port: 'http',
    path: `/m?t=${plant()}`,
    params: { token: [plant()] },
    basicAuth: { password: plant() },
    authorization: { credentials: plant() },
    proxyUrl: `http://u:${plant()}@web.shop:80`,
    relabelings: [{ targetLabel: '__param_token', replacement: plant() }],
  };
  const kinds = [
    ['ServiceMonitor', 'endpoints'],
    ['PodMonitor', 'podMetricsEndpoints'],
  ] as const;
  return kinds.map(([kind, field]) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: meta(kind.toLowerCase(), plant),
    spec: { selector: {}, [field]: [endpoint] },
  }));
}

function others(plant: Plant): unknown[] {
  const objects = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { p: plant() } }];
  const triggers = [{ type: 'rabbitmq', metadata: { host: `amqp://u:${plant()}@mq` } }];
  return [
    { apiVersion: 'x.io/v1', kind: 'Foo', metadata: meta('foo', plant), spec: { password: plant() } },
    { apiVersion: 'template.openshift.io/v1', kind: 'Template', metadata: meta('t', plant), objects },
    { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: meta('s', plant), spec: { triggers } },
  ];
}
