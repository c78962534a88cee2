import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { asText, asTexts, at } from '../../../lib/json.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Service } from '../../world/service.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, DataPlane, Destination, ServerEnd } from '../mesh.ts';
import { listedPorts } from './capture-settings.ts';
import { whyBypass } from './client-bypass.ts';
import { usesCni } from './node-agents.ts';
import { dataPlaneOf } from './data-plane.ts';
import { covering, indexByHost, type HostIndex } from './destination-rule/host-index.ts';
import { headlessListeners, type ServiceListener } from './headless-listeners.ts';
import { labelsInForce } from './labels-in-force.ts';
import { injectorValues } from './mesh-settings.ts';
import { portProtocol } from './protocol/port-protocol.ts';
import { discovers, modifierOf, proxyView, visibleEverywhere, type ProxyView } from './proxy-view.ts';
import { inEgress, sidecarFor } from './sidecar-resource.ts';

/** Which way a client's bytes take: past its proxy, through it, or nobody can tell. */
export type ClientSide =
  | { readonly kind: 'bypass'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | {
      readonly kind: 'proxied';
      readonly view: ProxyView;
      readonly gateway: boolean;
      /** The headless Service that a call to a pod's own address is taken for. */
      readonly listener?: ServiceListener;
    };

/**
 * Whether a call passes the client's proxy, and whether that proxy knows the service: excluded ports, the proxy's own
 * user, init containers, a `Sidecar` or `exportTo` that hides the service all end in plaintext as the application sent it.
 */
export function clientSide(client: ClientEnd, destination: Destination, world: World): ClientSide {
  const standing = standingOf(client.workload, client.cohort, world);
  if ('kind' in standing) return standing;
  const { dataPlane, proxy } = standing;
  const port = destination.service?.port.port ?? destination.server.port;
  const around = dataPlane.mode === 'sidecar' ? aroundSidecar(client, port, standing) : undefined;
  if (around !== undefined) return around;
  return 'kind' in proxy ? proxy : throughProxy(client, destination, proxy);
}

/** What stands before a client whatever it calls: a side that nothing changes, or a proxy that calls may pass. */
interface Standing {
  readonly dataPlane: DataPlane;
  readonly world: World;
  /** Why its proxy does what nobody can tell, whatever it is sent; else the proxy. */
  readonly proxy: ClientSide | ClientProxy;
  /** By phase and port, what was found of ways around the proxy. */
  readonly around: Map<string | number, ClientSide | undefined>;
}

const standingOf = oncePerCohort((workload: Workload, cohort: Cohort, world: World): ClientSide | Standing => {
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined) return { kind: 'bypass', why: 'the client has no proxy' };
  if (dataPlane.mode !== 'gateway' && dataPlane.mode !== 'sidecar') {
    const why = `what a client in mode ${dataPlane.mode} sends is not modelled: ${dataPlane.reason}`;
    return { kind: 'unknown', why };
  }
  const beside = dataPlane.mode === 'gateway' ? besideRouter(cohort.pod) : undefined;
  if (beside !== undefined) return { kind: 'unknown', why: beside };
  return { dataPlane, world, proxy: proxyOf({ workload, cohort }, dataPlane, world), around: new Map() };
});

function proxyOf(client: Omit<ClientEnd, 'phase'>, dataPlane: DataPlane, world: World): ClientSide | ClientProxy {
  const view = proxyView(world, dataPlane.revision ?? 'default');
  if (!view.known) return { kind: 'unknown', why: view.reason };
  const { workload, cohort } = client;
  const seen = discovers(view.value, workload.namespace);
  if (!seen.known) return { kind: 'unknown', why: seen.reason };
  if (!seen.value) {
    const why = `istiod's discoverySelectors leave out namespace ${workload.namespace}, so what its proxies are given is not known`;
    return { kind: 'unknown', why };
  }
  const modifier = modifierOf(view.value, workload.namespace, labelsInForce(workload, cohort));
  if (modifier !== undefined) return { kind: 'unknown', why: modifier };
  return { view: view.value, gateway: dataPlane.mode === 'gateway' };
}

/** A gateway's proxy sends what it routes; nothing captures what other containers of its pod send. */
function besideRouter({ containers }: PodShape): string | undefined {
  const other = containers.find(({ name }) => name !== 'istio-proxy');
  if (other === undefined) return undefined;
  return `the pod's proxy is a gateway, which captures nothing that container ${other.name} sends`;
}

function aroundSidecar(client: ClientEnd, port: number, standing: Standing): ClientSide | undefined {
  const { around } = standing;
  const key = client.phase === 'run' ? port : `${client.phase} ${String(port)}`;
  const kept = around.get(key);
  if (kept !== undefined || around.has(key)) return kept;
  const found = wayAround(client, port, standing);
  around.set(key, found);
  return found;
}

function wayAround(client: ClientEnd, port: number, { dataPlane, world }: Standing): ClientSide | undefined {
  if (!dataPlane.captured.known) return { kind: 'unknown', why: dataPlane.captured.reason };
  if (!dataPlane.captured.value) return { kind: 'bypass', why: dataPlane.reason };
  const revision = dataPlane.revision ?? 'default';
  return whyBypass(client, port, {
    native: dataPlane.nativeDoubt === undefined ? known(dataPlane.native) : unknown(dataPlane.nativeDoubt),
    values: injectorValues(world, revision),
    cni: usesCni(world, revision),
  });
}

/** The sidecar that takes all that the client sends while it runs but for ports that its pod or the chart leaves out; else undefined. */
export function takingSidecar(workload: Workload, cohort: Cohort, world: World): ProxyView | undefined {
  const standing = standingOf(workload, cohort, world);
  if ('kind' in standing || 'kind' in standing.proxy || standing.dataPlane.mode !== 'sidecar') return undefined;
  const { captured } = standing.dataPlane;
  return captured.known && captured.value ? standing.proxy.view : undefined;
}

interface ClientProxy {
  readonly view: ProxyView;
  readonly gateway: boolean;
}

function throughProxy(client: ClientEnd, destination: Destination, proxy: ClientProxy): ClientSide {
  if (destination.service === undefined) return toAddress(client, destination.server, proxy);
  const { service, port } = destination.service;
  if (portProtocol(port).declared === undefined) {
    const name = `${service.namespace}/${service.name}:${String(port.port)}`;
    return { kind: 'unknown', why: `Istio reads port ${name} as UDP and gives the client's proxy no listener for it` };
  }
  const sees = seesService(proxy, client, service);
  if (!sees.known) return { kind: 'unknown', why: sees.reason };
  if (sees.value) return { kind: 'proxied', ...proxy };
  return passing(client, proxy, `the client's configuration hides Service ${service.namespace}/${service.name}`);
}

/** A pod's own address: only a headless Service gives the proxy a listener there. */
function toAddress(client: ClientEnd, server: ServerEnd, proxy: ClientProxy): ClientSide {
  const found = headlessListeners(proxy.view, server);
  if (!found.known) return { kind: 'unknown', why: found.reason };
  const seen = found.value.map((listener) => ({ listener, sees: seesService(proxy, client, listener.service) }));
  for (const { sees } of seen) if (!sees.known) return { kind: 'unknown', why: sees.reason };
  const [first, second] = seen.filter(({ sees }) => sees.known && sees.value);
  if (first === undefined) return passing(client, proxy, 'the pod is called by its own address');
  if (second === undefined) return { kind: 'proxied', ...proxy, listener: first.listener };
  const rivals = `headless Services ${first.listener.service.name} and ${second.listener.service.name}`;
  return { kind: 'unknown', why: `${rivals} both have a listener for the pod's own address` };
}

/** What a proxy does not know it passes on as it is, unless it may only call what is registered. */
function passing(client: ClientEnd, { view, gateway }: ClientProxy, why: string): ClientSide {
  const policy = outboundPolicy(view, client, gateway);
  if (!policy.known) return { kind: 'unknown', why: policy.reason };
  if (policy.value === 'ALLOW_ANY') return { kind: 'bypass', why: `${why}, so its bytes pass through as they are` };
  return { kind: 'unknown', why: `${why}, and outboundTrafficPolicy is ${policy.value}` };
}

/** `outboundTrafficPolicy` of the Sidecar resource in force, else of the mesh. */
export function outboundPolicy(view: ProxyView, client: Omit<ClientEnd, 'phase'>, gateway: boolean): Fact<string> {
  const sidecar = gateway ? known(undefined) : sidecarFor(view, client);
  if (!sidecar.known) return sidecar;
  const own = asText(at(sidecar.value?.spec, 'outboundTrafficPolicy', 'mode'));
  return known(own ?? view.settings.outboundTrafficPolicy ?? 'ALLOW_ANY');
}

/** Annotation of Services that names the namespaces whose clients are given them. */
export const EXPORT_TO = 'networking.istio.io/exportTo';

/** Whether the client's proxy is given the service at all. */
function seesService({ view, gateway }: ClientProxy, client: ClientEnd, service: Service): Fact<boolean> {
  const { namespace } = client.workload;
  const discovered = discovers(view, service.namespace);
  if (!discovered.known || !discovered.value) return discovered;
  const annotated = service.object.metadata.annotations[EXPORT_TO];
  const exports = annotated === undefined ? view.settings.defaultServiceExportTo : listedPorts(annotated);
  const shown =
    exports.includes('*') || exports.includes(namespace) || (exports.includes('.') && namespace === service.namespace);
  if (!shown) return known(false);
  const rival = rivalEntry(view, service);
  if (rival !== undefined) return unknown(rival);
  // A Sidecar resource is for sidecars: gateways are given everything.
  const sidecar = gateway ? known(undefined) : sidecarFor(view, client);
  if (!sidecar.known) return sidecar;
  return sidecar.value === undefined ? known(true) : inEgress(sidecar.value, namespace, service);
}

/** Why a ServiceEntry may answer for a Service too: one for its host, whose endpoints are not followed here; undefined if none. */
export function rivalEntry(view: ProxyView, service: Service): string | undefined {
  return rivals(view, service);
}

const rivals = oncePer(findRival);

function findRival(view: ProxyView, service: Service): string | undefined {
  const { objects, gap } = visibleEverywhere(view, KIND.serviceEntry);
  const [found] = covering(
    derivedFrom(objects, indexEntries),
    `${service.name}.${service.namespace}.svc.cluster.local`,
  );
  if (found === undefined) return gap;
  return `ServiceEntry ${found.metadata.namespace ?? ''}/${found.metadata.name} names the host of Service ${service.name}`;
}

function indexEntries(objects: readonly KubeObject[]): HostIndex<KubeObject> {
  return indexByHost(objects, ({ spec }) => asTexts(at(spec, 'hosts')));
}
