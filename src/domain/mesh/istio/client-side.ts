import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { asObjects, asTextMap, asTexts, at } from '../../../lib/json.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Service } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, Destination } from '../mesh.ts';
import { dataPlaneOf } from './data-plane.ts';
import { modifierOf, proxyView, visibleIn, type ProxyView } from './proxy-view.ts';

/** Which way a client's bytes take: past its proxy, through it, or nobody can tell. */
export type ClientSide =
  | { readonly kind: 'bypass'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'proxied'; readonly view: ProxyView };

const PROXY_USER = 1337;

/**
 * Whether a call passes the client's proxy, and whether that proxy knows the service: excluded ports, the proxy's own
 * user, init containers, a `Sidecar` or `exportTo` that hides the service all end in plaintext as the application sent it.
 */
export function clientSide(client: ClientEnd, destination: Destination, world: World): ClientSide {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane === undefined) return { kind: 'bypass', why: 'the client has no proxy' };
  if (dataPlane.mode === 'gateway' || dataPlane.mode === 'sidecar') {
    const captured = dataPlane.mode === 'gateway' ? known(true) : dataPlane.captured;
    if (!captured.known) return { kind: 'unknown', why: captured.reason };
    if (!captured.value) return { kind: 'bypass', why: dataPlane.reason };
    const around = dataPlane.mode === 'sidecar' ? bypass(client, destination, dataPlane.native) : undefined;
    if (around !== undefined) return around;
    return withView(client, destination, proxyView(world, dataPlane.revision ?? 'default'));
  }
  return { kind: 'unknown', why: `what a client in mode ${dataPlane.mode} sends is not modelled: ${dataPlane.reason}` };
}

function withView(client: ClientEnd, destination: Destination, view: Fact<ProxyView>): ClientSide {
  if (!view.known) return { kind: 'unknown', why: view.reason };
  const { namespace } = client.workload;
  const modifier = modifierOf(view.value, namespace, client.cohort.pod.labels);
  if (modifier !== undefined) return { kind: 'unknown', why: modifier };
  if (destination.service === undefined) return { kind: 'proxied', view: view.value };
  const sees = seesService(view.value, client, destination.service.service);
  if (!sees.known) return { kind: 'unknown', why: sees.reason };
  if (sees.value) return { kind: 'proxied', view: view.value };
  const { name, namespace: home } = destination.service.service;
  return {
    kind: 'bypass',
    why: `the client's configuration hides Service ${home}/${name}, so its bytes pass through as they are`,
  };
}

const ANNOTATION = 'traffic.sidecar.istio.io/';

function bypass(client: ClientEnd, destination: Destination, native: boolean): ClientSide | undefined {
  const { pod } = client.cohort;
  if (runsAsProxyUser(pod))
    return { kind: 'bypass', why: `a container runs as user ${String(PROXY_USER)}, which capture leaves out` };
  if (client.phase !== 'run' && !native) {
    return client.phase === 'start' && pod.initContainers.some(({ name }) => name === 'istio-validation')
      ? { kind: 'unknown', why: 'with the CNI plugin an init container has no network before the proxy runs' }
      : { kind: 'bypass', why: `at ${client.phase} the proxy may not be running, and it is no native sidecar` };
  }
  const port = destination.service?.port.port ?? destination.server.port;
  if (listed(pod.annotations[`${ANNOTATION}excludeOutboundPorts`]).includes(String(port))) {
    return { kind: 'bypass', why: `annotation ${ANNOTATION}excludeOutboundPorts leaves port ${String(port)} out` };
  }
  const ranges = ['excludeOutboundIPRanges', 'includeOutboundIPRanges', 'includeOutboundPorts'];
  const set = ranges.find((range) => ![undefined, '', '*'].includes(pod.annotations[`${ANNOTATION}${range}`]));
  if (set === undefined) return undefined;
  return {
    kind: 'unknown',
    why: `annotation ${ANNOTATION}${set} captures by address, and addresses are not known here`,
  };
}

function runsAsProxyUser(pod: PodShape): boolean {
  return pod.containers
    .filter(({ name }) => name !== 'istio-proxy')
    .some(({ runAsUser }) => (runAsUser ?? pod.runAsUser) === PROXY_USER);
}

function listed(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').map((part) => part.trim());
}

const EXPORT_TO = 'networking.istio.io/exportTo';

/** Whether the client's proxy is given the service at all. */
function seesService(view: ProxyView, client: ClientEnd, service: Service): Fact<boolean> {
  const { namespace } = client.workload;
  const annotated = service.object.metadata.annotations[EXPORT_TO];
  const exports = annotated === undefined ? view.settings.defaultServiceExportTo : listed(annotated);
  const shown =
    exports.includes('*') || exports.includes(namespace) || (exports.includes('.') && namespace === service.namespace);
  if (!shown) return known(false);
  const sidecar = sidecarFor(view, client);
  if (!sidecar.known) return sidecar;
  return sidecar.value === undefined ? known(true) : inEgress(sidecar.value, namespace, service);
}

/** The Sidecar resource in force: one that selects the client, else its namespace's, else the root namespace's. */
function sidecarFor(view: ProxyView, client: ClientEnd): Fact<KubeObject | undefined> {
  const own = visibleIn(view, KIND.sidecar, client.workload.namespace);
  const root = visibleIn(view, KIND.sidecar, view.settings.rootNamespace);
  const gap = own.gap ?? root.gap;
  if (gap !== undefined) return unknown(gap);
  const selecting = own.objects.filter(
    (object) => selectorOf(object) !== undefined && selects(object, client.cohort.pod.labels),
  );
  const wide = own.objects.filter((object) => selectorOf(object) === undefined);
  const mesh = root.objects.filter((object) => selectorOf(object) === undefined);
  for (const candidates of [selecting, wide, mesh]) {
    if (candidates.length > 1)
      return unknown(`several Sidecar resources apply to ${client.workload.namespace}/${client.workload.name}`);
    if (candidates[0] !== undefined) return known(candidates[0]);
  }
  return known(undefined);
}

function selectorOf(object: KubeObject): unknown {
  return at(object.spec, 'workloadSelector');
}

function selects(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(asTextMap(at(selectorOf(object), 'labels'))).every(([key, value]) => labels[key] === value);
}

/** Without an egress list a Sidecar hides nothing; else a host must name the service or all of its namespace. */
function inEgress(sidecar: KubeObject, clientNamespace: string, service: Service): Fact<boolean> {
  const egress = asObjects(at(sidecar.spec, 'egress'));
  if (egress.length === 0) return known(true);
  const { namespace, name } = sidecar.metadata;
  const odd = egress.some((listener) => listener['port'] !== undefined || listener['captureMode'] === 'NONE');
  if (odd)
    return unknown(`Sidecar ${namespace ?? ''}/${name} sets up egress listeners of its own, which are not modelled`);
  const fqdn = `${service.name}.${service.namespace}.svc.cluster.local`;
  const hosts = egress.flatMap((listener) => asTexts(listener['hosts']));
  return known(hosts.some((host) => names(host, { clientNamespace, serviceNamespace: service.namespace, fqdn })));
}

function names(
  host: string,
  call: { readonly clientNamespace: string; readonly serviceNamespace: string; readonly fqdn: string },
): boolean {
  const slash = host.indexOf('/');
  const space = host.slice(0, slash);
  const pattern = host.slice(slash + 1);
  const inSpace = space === '*' || (space === '.' ? call.clientNamespace : space) === call.serviceNamespace;
  return (
    inSpace &&
    (pattern === '*' || pattern === call.fqdn || (pattern.startsWith('*.') && call.fqdn.endsWith(pattern.slice(1))))
  );
}
