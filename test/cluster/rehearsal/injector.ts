import { asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import { INJECTED, podOf, type PodNumber } from '../support/roll-out.ts';

/** The injectors that are played. */
export interface PlayedInjectors {
  /** Istio's. */
  readonly version: string;
  readonly revision: string;
  /** Whether a CNI plugin captures, so that no init container needs to. */
  readonly byPlugin?: boolean;
  /** Whether Istio's sidecars are made to take HBONE too. */
  readonly byTunnel?: boolean;
}

/** A pod of its owner, as the injectors and agents would make it in that namespace. */
export function injectedPod(
  owner: JsonObject,
  namespace: JsonObject,
  { played, number }: { readonly played: PlayedInjectors; readonly number: PodNumber },
): JsonObject {
  const proxy = proxyFor(at(owner, 'spec', 'template'), namespace);
  const shaped = proxy === 'linkerd' ? withOpaquePorts(owner) : withAgent(owner, proxy);
  return podOf(shaped, asPlayed(INJECTED[proxy] ?? {}, played), number);
}

/** The proxy that a pod of the template would get, by the labels and annotations that the rollouts of this program set. */
function proxyFor(template: unknown, namespace: JsonObject): string {
  const pod = asObject(at(template, 'metadata')) ?? {};
  const label = (key: string): string | undefined => asText(at(pod, 'labels', key)) ?? undefined;
  const ofNamespace = (key: string): string | undefined => asText(at(namespace, 'labels', key)) ?? undefined;
  if (at(template, 'spec', 'hostNetwork') === true) return 'none';
  const linkerd =
    asText(at(pod, 'annotations', 'linkerd.io/inject')) ?? asText(at(namespace, 'annotations', 'linkerd.io/inject'));
  if (linkerd === 'enabled') return 'linkerd';
  const asked = label('sidecar.istio.io/inject') ?? asText(at(pod, 'annotations', 'sidecar.istio.io/inject'));
  if (asked === 'false') return isAmbient(pod, namespace) ? 'ambient' : 'none';
  const byNamespace = ofNamespace('istio-injection') === 'enabled' || ofNamespace('istio.io/rev') !== undefined;
  if (asked === 'true' || label('istio.io/rev') !== undefined || byNamespace) return 'istio-native';
  return isAmbient(pod, namespace) ? 'ambient' : 'none';
}

/** Istio's injector sends the kubelet's probes and annotated scrapes to its agent, which asks the application in its stead. */
function withAgent(owner: JsonObject, proxy: string): JsonObject {
  if (proxy !== 'istio-native') return owner;
  const { spec, metadata } = asObject(at(owner, 'spec', 'template')) ?? {};
  const containers = asObjects(at(spec, 'containers')).map(withAgentsProbes);
  const annotations = { ...asObject(at(metadata, 'annotations')), ...AGENTS_METRICS };
  const template = { metadata: { ...asObject(metadata), annotations }, spec: { ...asObject(spec), containers } };
  return { ...owner, spec: { ...asObject(owner['spec']), template } };
}

/** Istio's injector has the agent scraped, which adds what the application says. */
const AGENTS_METRICS = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': '15020',
  'prometheus.io/path': '/stats/prometheus',
};

/** Ports that Linkerd's chart takes for opaque where nobody says otherwise. */
const OPAQUE: readonly number[] = [25, 587, 3306, 4444, 5432, 6379, 9300, 11_211];
const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';

/** Linkerd's injector writes onto pods which of the chart's opaque ports they have. */
function withOpaquePorts(owner: JsonObject): JsonObject {
  const { spec, metadata } = asObject(at(owner, 'spec', 'template')) ?? {};
  const annotations = asObject(at(metadata, 'annotations')) ?? {};
  const ports = asObjects(at(spec, 'containers'))
    .flatMap((container) => asObjects(container['ports']).map((port) => asNumber(port['containerPort']) ?? 0))
    .filter((port) => OPAQUE.includes(port));
  if (ports.length === 0 || annotations[OPAQUE_PORTS] !== undefined) return owner;
  const written = { ...annotations, [OPAQUE_PORTS]: ports.join(',') };
  const template = { metadata: { ...asObject(metadata), annotations: written }, spec };
  return { ...owner, spec: { ...asObject(owner['spec']), template } };
}

const PROBES = [
  ['livenessProbe', 'livez'],
  ['readinessProbe', 'readyz'],
  ['startupProbe', 'startupz'],
] as const;

function withAgentsProbes(container: JsonObject): JsonObject {
  const rewritten = PROBES.flatMap(([field, path]) => {
    const probe = asObject(container[field]);
    if (probe === undefined || probe['exec'] !== undefined) return [];
    const { httpGet: _http, tcpSocket: _tcp, grpc: _grpc, ...timing } = probe;
    const httpGet = { path: `/app-health/${String(container['name'])}/${path}`, port: 15020, scheme: 'HTTP' };
    return [[field, { ...timing, httpGet }] as const];
  });
  return { ...container, ...Object.fromEntries(rewritten) };
}

/** Whether ambient's agent takes a pod, by its own label or its namespace's. */
export function isAmbient(pod: JsonObject, namespace: JsonObject): boolean {
  const key = 'istio.io/dataplane-mode';
  const own = asText(at(pod, 'labels', key));
  return (own ?? asText(at(namespace, 'labels', key))) === 'ambient';
}

/** What injected containers may, so that Pod Security lets them in. */
const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 2102,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What captures without a plugin, and what waits for one that does. */
const WAITS_FOR_PLUGIN: Readonly<Record<string, string>> = {
  'istio-init': 'istio-validation',
  'linkerd-init': 'linkerd-network-validator',
};

function asPlayed(injected: JsonObject, { version, revision, byPlugin, byTunnel }: PlayedInjectors): JsonObject {
  const text = JSON.stringify(injected)
    .replaceAll('proxyv2:1.31.1', `proxyv2:${version}`)
    .replaceAll(String.raw`\"revision\":\"default\"`, String.raw`\"revision\":\"${revision}\"`);
  const { init, native: own, proxy: classic, ...rest } = JSON.parse(text) as JsonObject;
  // Linkerd's proxies are native sidecars by default since 2.20, and a rollout brings a newer one.
  const isLinkerds = asText(at(classic, 'name')) === 'linkerd-proxy';
  const native = isLinkerds ? { ...asObject(classic), restartPolicy: 'Always' } : own;
  const proxy = isLinkerds ? undefined : classic;
  const shaped = Object.entries({ init: byPlugin === true ? waiting(init) : init, native, proxy }).flatMap(
    ([field, container]) => {
      const object = asObject(container);
      if (object === undefined) return [];
      const isPrivileged = WAITS_FOR_PLUGIN[asText(object['name']) ?? ''] !== undefined;
      return [[field, isPrivileged ? object : { ...object, securityContext: RESTRICTED }] as const];
    },
  );
  const tunnel = byTunnel === true && own !== undefined ? { 'networking.istio.io/tunnel': 'http' } : {};
  const labels = { ...asObject(rest['labels']), ...tunnel };
  return { ...rest, labels, ...Object.fromEntries(shaped) };
}

function waiting(init: unknown): unknown {
  const { args: _args, ...rest } = asObject(init) ?? {};
  const name = WAITS_FOR_PLUGIN[asText(rest['name']) ?? ''];
  return name === undefined ? init : { ...rest, name };
}
