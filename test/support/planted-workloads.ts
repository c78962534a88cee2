/** Takes a new token each time. */
export type Plant = () => string;

/** Metadata whose annotations are full of tokens. */
export function meta(name: string, plant: Plant, namespace = 'shop'): Record<string, unknown> {
  return { name, namespace, annotations: annotations(plant) };
}

/** Annotations of everyone who keeps text in them. */
export function annotations(plant: Plant): Record<string, string> {
  return {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: { p: plant() } }),
    'kubernetes.io/change-cause': `kubectl set env web TOKEN=${plant()}`,
    'team.example/token': plant(),
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '8080',
    'prometheus.io/path': `/m?token=${plant()}`,
    'proxy.istio.io/config': `proxyMetadata: {PLAIN: ${plant()}, OTHER: "a: ${plant()}"}`,
    'nginx.ingress.kubernetes.io/auth-url': `http://u:${plant()}@auth.shop:80/?token=${plant()}`,
    'nginx.ingress.kubernetes.io/configuration-snippet': `proxy_set_header Authorization ${plant()};`,
    'vault.hashicorp.com/agent-inject-template-x': `{{ "${plant()}" }}`,
    'getambassador.io/config': `password: ${plant()}`,
  };
}

function probe(plant: Plant): unknown {
  const httpHeaders = [{ name: 'Authorization', value: `Bearer ${plant()}` }];
  return { httpGet: { path: `/h?token=${plant()}`, port: 8080, host: `u:${plant()}@web.shop`, httpHeaders } };
}

function podSpec(plant: Plant): Record<string, unknown> {
  const fetchAll = `curl http://u:${plant()}@db.shop:3306/?token=${plant()} -H 'X: ${plant()}'`;
  return {
    initContainers: [{ name: 'init', image: 'b', command: ['sh', '-c', fetchAll] }],
    containers: [
      {
        name: 'web',
        image: 'web',
        ports: [{ containerPort: 8080 }],
        args: ['--password', plant(), `--token=${plant()}`, `http://api.shop:80/${plant()}`],
        command: ['run', `-p${plant()}`],
        env: [
          { name: 'PASSWORD', value: plant() },
          { name: 'DB', value: `postgres://u:${plant()}@db.shop.svc:3306/x?sslpassword=${plant()}` },
          { name: 'ADDRESS', value: `${plant()}@db.shop:3306` },
          { name: 'HOOK', value: `https://hooks.example.com/services/${plant()}` },
          { name: 'SETTINGS', value: JSON.stringify({ url: 'http://db.shop:3306', pw: plant() }) },
        ],
        livenessProbe: probe(plant),
        readinessProbe: probe(plant),
        startupProbe: { exec: { command: ['curl', '-u', `u:${plant()}`] } },
        lifecycle: {
          postStart: { exec: { command: ['x', plant()] } },
          preStop: { httpGet: { path: `/bye?t=${plant()}`, port: 8080, httpHeaders: [{ name: 'a', value: plant() }] } },
        },
      },
      {
        name: 'istio-proxy',
        image: 'istio/proxyv2:1.29.0',
        env: [
          { name: 'PROXY_CONFIG', value: JSON.stringify({ proxyMetadata: { PLAIN: plant() } }) },
          { name: 'ISTIO_METAJSON_ANNOTATIONS', value: JSON.stringify({ a: plant() }) },
          { name: 'ISTIO_META_ADDRESS', value: `http://u:${plant()}@x/?t=${plant()}` },
        ],
      },
    ],
    volumes: [
      { name: 'a', csi: { driver: 'd', volumeAttributes: { password: plant() } } },
      { name: 'b', flexVolume: { driver: 'd', options: { key: plant() } } },
      { name: 'c', azureFile: { shareName: plant() } },
    ],
  };
}

/** A Deployment, a pod and Services. */
export function workloads(plant: Plant): unknown[] {
  const labels = { app: 'web' };
  const template = { metadata: { labels, annotations: annotations(plant) }, spec: podSpec(plant) };
  const managedFields = [{ manager: 'kubectl', fieldsV1: { [`f:${plant()}`]: {} } }];
  const waiting = { waiting: { reason: 'x', message: plant() } };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', annotations: annotations(plant) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...meta('web', plant), managedFields },
      spec: { replicas: 1, selector: { matchLabels: labels }, template },
      status: { conditions: [{ type: 'x', status: 'True', message: plant() }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...meta('web-1', plant), labels },
      spec: podSpec(plant),
      status: { phase: 'Running', message: plant(), containerStatuses: [{ name: 'web', state: waiting }] },
    },
    ...['web', 'api', 'db'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta(name, plant),
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })),
  ];
}

/** ConfigMaps of applications and meshes, a Secret and an Event. */
export function configMaps(plant: Plant): unknown[] {
  const mesh =
    `rootNamespace: istio-system\naccessToken: ${plant()}\n` +
    `defaultConfig:\n  tracing: {lightstep: {accessToken: ${plant()}, address: ${plant()}}}\n  proxyMetadata: {PLAIN: ${plant()}}\n`;
  const values = JSON.stringify({
    global: { token: plant(), proxy: { env: { A: plant() } }, hub: 'x' },
    other: [plant()],
  });
  const config = `policy: enabled\ntemplates: {x: "${plant()}"}\n`;
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('settings', plant),
      data: {
        plain: plant(),
        url: `http://u:${plant()}@db.shop:3306/x?token=${plant()}`,
        'app.yaml': `password: ${plant()}\nurl: http://api.shop:80/?key=${plant()}\n`,
      },
      binaryData: { x: plant() },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('istio', plant, 'istio-system'), data: { mesh } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('istio-sidecar-injector', plant, 'istio-system'),
      data: { values, config },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('linkerd-config', plant, 'linkerd'), data: { values } },
    { apiVersion: 'v1', kind: 'Secret', metadata: meta('s', plant), data: { p: plant() }, stringData: { q: plant() } },
    { apiVersion: 'v1', kind: 'Event', metadata: meta('e', plant), message: plant() },
  ];
}
