import { meta, type Plant } from './planted-workloads.ts';

/** Objects and settings of meshes and autoscalers, with tokens where people keep secrets. */
export function meshesAndScalers(plant: Plant): unknown[] {
  return [...sidecars(plant), ...settings(plant), ...policies(plant), ...appMesh(plant), ...scalers(plant)];
}

function sidecars(plant: Plant): unknown[] {
  const labels = { app: 'meshed' };
  const env = (...names: string[]): unknown[] => names.map((name) => ({ name, value: plant() }));
  const containers = [
    {
      name: 'linkerd-proxy',
      image: 'cr.l5d.io/linkerd/proxy:edge-26.10.1',
      args: [`--token=${plant()}`],
      env: env('LINKERD2_PROXY_IDENTITY_TOKEN', 'PLAIN'),
    },
    {
      name: 'consul-dataplane',
      image: 'hashicorp/consul-dataplane:1.9.0',
      args: ['-login-bearer-token', plant(), `-static-token=${plant()}`, '-addresses', `exec=${plant()}`],
      env: env('DP_CREDENTIAL_STATIC_TOKEN', 'DP_CREDENTIAL_LOGIN_META'),
    },
    {
      name: 'kuma-sidecar',
      image: 'kumahq/kuma-dp:2.12.0',
      args: ['run', `--dataplane-token=${plant()}`],
      env: env('KUMA_DATAPLANE_RUNTIME_TOKEN', 'KUMA_DATAPLANE_RUNTIME_RESOURCE'),
    },
    {
      name: 'envoy',
      image: 'public.ecr.aws/appmesh/aws-appmesh-envoy:v1.29.12.1-prod',
      env: env('APPMESH_RESOURCE_ARN', 'APPMESH_VIRTUAL_NODE_NAME', 'ENVOY_TRACING_CFG', 'AWS_SECRET_ACCESS_KEY'),
    },
  ];
  const annotations = {
    'config.linkerd.io/proxy-additional-env': JSON.stringify([{ name: 'PLAIN', value: plant() }]),
    'consul.hashicorp.com/envoy-extra-args': `--config-yaml ${plant()}`,
    'consul.hashicorp.com/service-meta-key': plant(),
    'kuma.io/sidecar-env-vars': `TOKEN=${plant()}`,
    'appmesh.k8s.aws/sidecarEnv': `TOKEN=${plant()}`,
    'sidecar.istio.io/userVolume': JSON.stringify([{ name: 'x', csi: { a: plant() } }]),
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...meta('meshed', plant), annotations },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: { containers } },
      },
    },
  ];
}

function settings(plant: Plant): unknown[] {
  const map = (name: string, namespace: string, data: Record<string, string>): unknown => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: meta(name, plant, namespace),
    data,
  });
  const linkerd =
    `identityTrustDomain: cluster.local\nproxy: {env: {A: ${plant()}}, additionalEnv: [{name: PLAIN, value: ${plant()}}]}\n` +
    `identity: {issuer: {tls: {keyPEM: ${plant()}}}}\nimagePullSecrets: [{name: ${plant()}}]\npodAnnotations: {a: ${plant()}}\n`;
  return [
    map('cilium-config', 'kube-system', {
      'enable-wireguard': 'true',
      'etcd-config': `password: ${plant()}`,
      'ipsec-key': plant(),
      'kvstore-opt': `{"etcd.token": "${plant()}"}`,
      'mesh-auth-enabled': plant(),
      'encrypt-node': plant(),
    }),
    map('linkerd-config', 'linkerd', { values: linkerd, other: plant() }),
    map('istio-cni-config', 'istio-system', { EXCLUDE_NAMESPACES: 'kube-system', TOKEN: plant() }),
  ];
}

function policies(plant: Plant): unknown[] {
  const http = [
    {
      method: 'GET',
      path: `/x?token=${plant()}`,
      headers: [`X-Token: ${plant()}`],
      headerMatches: [{ name: 'a', value: plant() }],
    },
  ];
  const toPorts = [{ ports: [{ port: '80' }], rules: { http } }];
  const route = {
    matches: [{ headers: [{ name: 'authorization', value: plant() }], path: { value: `/x?t=${plant()}` } }],
  };
  const permissions = [
    { action: 'allow', http: { pathPrefix: `/x?t=${plant()}`, header: [{ name: 'authorization', exact: plant() }] } },
  ];
  const custom = (apiVersion: string, kind: string, spec: unknown): unknown => ({
    apiVersion,
    kind,
    metadata: meta(kind.toLowerCase(), plant),
    spec,
  });
  return [
    custom('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, ingress: [{ toPorts }] }),
    custom('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', { endpointSelector: {}, egress: [{ toPorts }] }),
    custom('policy.linkerd.io/v1beta3', 'HTTPRoute', { parentRefs: [{ kind: 'Server', name: 'web' }], rules: [route] }),
    custom('consul.hashicorp.com/v1alpha1', 'ServiceDefaults', {
      protocol: 'http',
      envoyExtensions: [{ name: 'builtin/lua', arguments: { script: plant() } }],
      destination: { addresses: [`http://u:${plant()}@db.shop`], port: 80 },
      expose: { paths: [{ path: `/m?t=${plant()}`, listenerPort: 80 }] },
    }),
    custom('consul.hashicorp.com/v1alpha1', 'ProxyDefaults', {
      config: { envoy_tracing_json: plant(), protocol: 'http' },
      accessLogs: { jsonFormat: plant() },
    }),
    custom('consul.hashicorp.com/v1alpha1', 'ServiceIntentions', {
      destination: { name: 'web' },
      sources: [{ name: 'api', permissions }],
      jwt: { providers: [{ name: 'x', verifyClaims: [{ path: ['a'], value: plant() }] }] },
    }),
    custom('kuma.io/v1alpha1', 'Mesh', {
      mtls: { backends: [{ name: 'a', type: 'vault', conf: { fromCp: { auth: { token: { inline: plant() } } } } }] },
      tracing: { backends: [{ conf: { apiKey: plant() } }] },
    }),
  ];
}

function appMesh(plant: Plant): unknown[] {
  const tls = { mode: 'STRICT', certificate: { file: { privateKey: plant() } } };
  const validation = { trust: { file: { certificateChain: '/ca.pem' } } };
  return [
    {
      apiVersion: 'appmesh.k8s.aws/v1beta2',
      kind: 'VirtualNode',
      metadata: meta('web', plant),
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        listeners: [{ portMapping: { port: 80, protocol: 'http' }, tls, healthCheck: { path: `/h?t=${plant()}` } }],
        backendDefaults: { clientPolicy: { tls: { enforce: true, validation } } },
        logging: { accessLog: { file: { path: plant(), format: { text: plant() } } } },
        serviceDiscovery: { awsCloudMap: { attributes: [{ key: 'k', value: plant() }] } },
      },
    },
  ];
}

function scalers(plant: Plant): unknown[] {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const metric = { name: 'queue', selector: { matchLabels: { queue: plant() } } };
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: meta('web', plant),
      spec: {
        scaleTargetRef,
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [{ type: 'External', external: { metric, target: { type: 'Value', value: '1' } } }],
      },
      status: { currentMetrics: [{ external: { metric } }], conditions: [{ type: 'x', message: plant() }] },
    },
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: meta('scaled', plant),
      spec: {
        scaleTargetRef: { name: 'web' },
        triggers: [
          {
            type: 'prometheus',
            metadata: {
              serverAddress: `http://u:${plant()}@prom/?t=${plant()}`,
              query: plant(),
              customHeaders: plant(),
            },
          },
          { type: 'cron', metadata: { start: plant() }, authenticationRef: { name: 'x' } },
        ],
      },
    },
  ];
}
