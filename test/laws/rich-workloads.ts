import fc from 'fast-check';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { object } from '../cases-runner/case-world.ts';
import { ACCESS } from './rich-other-policies.ts';
import { rarely, type App, type Space } from './rich-draft.ts';

type Texts = Readonly<Record<string, string>>;

/** What a namespace's pods have, or would get. */
export type MeshOfSpace = 'sidecar' | 'ambient' | 'linkerd' | 'none';

/** One workload in plain words; it listens on container port 8080, which its Service gives as 80. */
export interface RichWorkload {
  readonly namespace: Space;
  readonly name: App;
  readonly kind: 'Deployment' | 'StatefulSet' | 'CronJob' | 'Pod';
  /** Live pods: with the mesh of the namespace, without, some of both, or none. */
  readonly live: 'meshed' | 'bare' | 'mixed' | 'none';
  readonly portName: string | undefined;
  readonly protocol: string | undefined;
  readonly headless: boolean;
  readonly annotations: Texts;
  /** Labels of the template that ask for a mesh, or ask to be left alone. */
  readonly labels: Texts;
  readonly hostNetwork: boolean;
}

/** Everything about a workload but where it is. */
export const workloadShape = fc
  .record({
    kind: fc.constantFrom('Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'CronJob', 'Pod'),
    live: fc.constantFrom('meshed', 'meshed', 'meshed', 'bare', 'mixed', 'none'),
    spoken: fc.constantFrom<readonly [string | undefined, string | undefined]>(
      ['http', 'http'],
      ['http', 'http'],
      ['tcp', 'tcp'],
      ['tcp-db', 'mysql'],
      ['https', 'tls'],
      ['main', undefined],
      [undefined, 'http'],
    ),
    headless: rarely(5),
    annotations: fc.oneof(
      { arbitrary: fc.constant<Texts>({}), weight: 6 },
      {
        arbitrary: fc.constantFrom<Texts>(
          { 'traffic.sidecar.istio.io/excludeInboundPorts': '8080' },
          { 'traffic.sidecar.istio.io/excludeOutboundPorts': '80,8080' },
          { 'traffic.sidecar.istio.io/includeOutboundIPRanges': '10.0.0.0/8' },
          { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' },
          { 'config.linkerd.io/skip-inbound-ports': '8080' },
          { 'config.linkerd.io/skip-outbound-ports': '80,8080' },
          { 'config.linkerd.io/opaque-ports': '8080' },
        ),
        weight: 3,
      },
      { arbitrary: fc.constantFrom(...ACCESS).map((one) => ({ [DEFAULT_POLICY]: one })), weight: 1 },
    ),
    labels: fc.constantFrom<Texts>(
      {},
      {},
      {},
      { 'sidecar.istio.io/inject': 'false' },
      { 'sidecar.istio.io/inject': 'true' },
    ),
    hostNetwork: rarely(12),
  })
  .map(({ spoken: [portName, protocol], ...shape }) => ({ ...shape, portName, protocol }));

const DEFAULT_POLICY = 'config.linkerd.io/default-inbound-policy';
const ISTIO_PROXY = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'] };
const LINKERD_PROXY = {
  name: 'linkerd-proxy',
  image: 'cr.l5d.io/linkerd/proxy:edge-26.8.3',
  restartPolicy: 'Always',
};

interface Template {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly spec: JsonObject & { readonly containers: readonly JsonObject[] };
}

/** The workload's controller, its Service where it listens, its ServiceAccount, and its live pods. */
export function workloadObjects(facts: RichWorkload, mesh: MeshOfSpace): readonly KubeObject[] {
  const { namespace, name, kind, portName, headless } = facts;
  const template = templateOf(facts);
  const controller = controllerObject(facts, template);
  const ports = [{ port: 80, targetPort: 8080, ...(portName === undefined ? {} : { name: portName }) }];
  const clusterIP = headless ? { clusterIP: 'None' } : {};
  const service = object('v1', 'Service', { name, namespace, spec: { selector: { app: name }, ports, ...clusterIP } });
  return [
    object('v1', 'ServiceAccount', { name, namespace }),
    ...(controller === undefined ? [] : [controller]),
    ...(kind === 'CronJob' ? [] : [service]),
    ...livePods(facts).map((meshed) => livePod(facts, { template, mesh: meshed ? mesh : 'none' })),
  ];
}

function templateOf({ name, labels, annotations, hostNetwork, kind }: RichWorkload): Template {
  const ports = [{ name: 'main', containerPort: 8080 }];
  const readinessProbe = { httpGet: { path: '/ready', port: 8080 } };
  const container = { name: 'app', image: 'example/app:1', ...(kind === 'CronJob' ? {} : { ports, readinessProbe }) };
  const spec = { serviceAccountName: name, containers: [container], ...(hostNetwork ? { hostNetwork } : {}) };
  return { labels: { app: name, ...labels }, annotations, spec };
}

function controllerObject({ namespace, name, kind }: RichWorkload, parts: Template): KubeObject | undefined {
  const { spec, ...metadata } = parts;
  const template = { metadata, spec };
  switch (kind) {
    case 'Pod':
      return undefined;
    case 'CronJob': {
      const job = { schedule: '0 3 * * *', jobTemplate: { spec: { template } } };
      return object('batch/v1', kind, { name, namespace, spec: job });
    }
    case 'Deployment':
    case 'StatefulSet':
      return object('apps/v1', kind, { name, namespace, spec: { selector: { matchLabels: { app: name } }, template } });
  }
}

/** Of each live pod whether it has the mesh of its namespace; a pod that nobody owns is always one. */
function livePods({ kind, live }: RichWorkload): readonly boolean[] {
  if (kind === 'CronJob') return [];
  if (kind === 'Pod') return [live !== 'bare'];
  return { meshed: [true], bare: [false], mixed: [true, false], none: [] }[live];
}

function livePod(
  { namespace, name, kind, hostNetwork }: RichWorkload,
  { template, mesh }: { readonly template: Template; readonly mesh: MeshOfSpace },
): KubeObject {
  const { labels, annotations, spec } = template;
  const marks = marksOf(hostNetwork ? 'none' : mesh);
  const made = object('v1', 'Pod', {
    name: kind === 'Pod' ? name : `${name}-${mesh === 'none' ? 'bare' : 'meshed'}`,
    namespace,
    labels: { ...labels, ...marks.labels },
    annotations: { ...annotations, ...marks.annotations },
    spec: { ...spec, containers: [...spec.containers, ...marks.containers], initContainers: marks.initContainers },
  });
  if (kind === 'Pod') return made;
  const owner = { apiVersion: 'apps/v1', kind, name, controller: true };
  return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
}

interface Marks {
  readonly labels: Texts;
  readonly annotations: Texts;
  readonly containers: readonly JsonObject[];
  readonly initContainers: readonly JsonObject[];
}

/** What enrolment leaves on a pod. */
function marksOf(mesh: MeshOfSpace): Marks {
  const bare = { labels: {}, annotations: {}, containers: [], initContainers: [] };
  switch (mesh) {
    case 'none':
      return bare;
    case 'ambient':
      return { ...bare, annotations: { 'ambient.istio.io/redirection': 'enabled' } };
    case 'sidecar':
      return {
        labels: { 'security.istio.io/tlsMode': 'istio' },
        annotations: { 'sidecar.istio.io/status': '{"revision":"default"}' },
        containers: [ISTIO_PROXY],
        initContainers: [{ name: 'istio-init', image: ISTIO_PROXY.image }],
      };
    case 'linkerd':
      return {
        ...bare,
        labels: { 'linkerd.io/control-plane-ns': 'linkerd' },
        initContainers: [{ name: 'linkerd-init', image: LINKERD_PROXY.image }, LINKERD_PROXY],
      };
  }
}
