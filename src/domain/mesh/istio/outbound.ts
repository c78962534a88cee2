import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Service, ServicePort } from '../../world/service.ts';
import { cohortsOf, type Cohort } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, Destination, Outbound, ServerEnd } from '../mesh.ts';
import { gatewayRelay } from './ambient/relay-for.ts';
import { tunnelWire, type SentWire } from './ambient/tunnel-wire.ts';
import { TUNNEL, ztunnelOutbound } from './ambient/ztunnel-client.ts';
import { spiffeId } from './authorization/peer-match.ts';
import { inferServiceMode, type ServiceMode } from './destination-rule/auto-mtls.ts';
import { passthroughWire, serviceWire } from './destination-rule/client-wire.ts';
import type { EffectiveRule } from './destination-rule/merge.ts';
import { clusterTls, isPassthroughRule } from './destination-rule/tls-block.ts';
import { entryEndpoints, whyEntryDiffers } from './entry-endpoints.ts';
import { labelsInForce } from './labels-in-force.ts';
import { clientSide, type ClientSide } from './client-side.ts';
import { subsetsRouted } from './routed-subsets.ts';
import { dataPlaneOf } from './data-plane.ts';
import { detectProxy } from './injection/detect-proxy.ts';
import type { ProxyView } from './proxy-view.ts';
import { decidedMode, peerAuthentications } from './server-mode.ts';
import { ruleFor, whyUnfollowed } from './service-rule.ts';
import { stalling } from './stalling.ts';
import { policyLevels } from './mtls/policy-levels.ts';

/** What a client of Istio puts on the wire to a server, and with which identity. */
export function outboundOf(client: ClientEnd, destination: Destination, world: World): Outbound {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane?.mode === 'ambient') return ztunnelOutbound(client, destination, world);
  const side = clientSide(client, destination, world);
  switch (side.kind) {
    case 'unknown':
      return { ...notKnown(side.why), ...(dataPlane?.mode === 'gateway' ? { mayRelay: side.why } : {}) };
    case 'bypass':
      return sent({ wire: 'plaintext', certificate: 'none', decidedBy: [], why: side.why }, client, undefined);
    case 'proxied':
      return throughProxy(side, client, destination);
  }
}

function throughProxy(
  side: Extract<ClientSide, { kind: 'proxied' }>,
  client: ClientEnd,
  destination: Destination,
): Outbound {
  const { view, gateway } = side;
  if (destination.service === undefined) return sent(passthroughWire(), client, view);
  const wire = wireToService({
    client,
    destination,
    view,
    gateway,
    service: destination.service.service,
    port: destination.service.port,
  });
  if (!wire.known) return { ...notKnown(wire.reason), ...(gateway ? { mayRelay: wire.reason } : {}) };
  const relay = gateway ? gatewayRelay(destination.service.service, view.world) : known(undefined);
  if (!relay.known) return { ...notKnown(relay.reason), mayRelay: relay.reason };
  const straight = { ...sent(wire.value, client, view), ...stalling(destination) };
  return relay.value === undefined ? straight : { ...straight, ...relay.value, ...TUNNEL };
}

function notKnown(why: string): Outbound {
  return { wire: 'unknown', identity: unknown(why), why, evidence: [] };
}

interface Question {
  readonly client: ClientEnd;
  readonly destination: Destination;
  readonly view: ProxyView;
  readonly gateway: boolean;
  readonly service: Service;
  readonly port: ServicePort;
}

/** Where routes lead to several subsets, all of them must come to the same wire. */
function wireToService(question: Question): Fact<SentWire> {
  const { client, gateway, service, view } = question;
  const { namespace } = client.workload;
  const rule = ruleFor(view, { namespace, labels: labelsInForce(client.workload, client.cohort) }, service);
  if (!rule.known) return rule;
  const subsets = subsetsRouted(view, { namespace, gateway }, service);
  if (!subsets.known) return subsets;
  const lost = subsets.value.find((subset) => subset !== undefined && !hasSubset(rule.value, subset));
  if (lost !== undefined) return unknown(`a route leads to subset ${lost} of ${service.name}, which no rule defines`);
  const wires = subsets.value.map((subset) => wireToSubset(question, rule.value, subset));
  const [first, ...others] = wires;
  if (first === undefined) return unknown('no route leads to the service');
  const differs = others.find((other) => !first.known || !other.known || other.value.wire !== first.value.wire);
  if (differs === undefined) return first;
  return unknown(`the subsets of ${service.namespace}/${service.name} are called in different ways`);
}

function hasSubset(rule: EffectiveRule | undefined, name: string): boolean {
  return rule?.subsets.some((subset) => subset.name === name) === true;
}

function wireToSubset(question: Question, rule: EffectiveRule | undefined, subset: string | undefined): Fact<SentWire> {
  const { client, destination, view, gateway, service, port } = question;
  const target = { servicePort: port.port, ...(subset === undefined ? {} : { subset }) };
  const doubt = rule === undefined ? undefined : whyUnfollowed(rule, target);
  if (doubt !== undefined) return unknown(doubt);
  const passthrough = service.headless || (rule !== undefined && isPassthroughRule(rule, target));
  const entries = entryEndpoints(view, service);
  if (!entries.known) return entries;
  const tls = rule === undefined ? undefined : clusterTls(rule, target)?.mode;
  const written = tls !== undefined && tls !== 'DISABLE';
  const differs = whyEntryDiffers(entries.value, { written, service });
  if (differs !== undefined) return unknown(differs);
  const tunnelled = tunnelWire({
    client: client.cohort.pod,
    server: destination.server,
    gateway,
    tls,
    passthrough,
    view,
  });
  if (tunnelled !== undefined) return tunnelled;
  return serviceWire({
    ...target,
    rule,
    enableAutoMtls: known(view.settings.enableAutoMtls),
    meshExternal: false,
    passthrough,
    serviceMode: serviceMode(question, passthrough),
    endpoint: {
      tlsMode: tlsModeOf(destination.server, view.world),
      effectiveMode: decidedMode(view, destination.server).mode,
    },
  });
}

/** What clients infer for the whole service: from policies without selector, and for headless services all endpoints. */
function serviceMode({ view, service }: Question, passthrough: boolean): Fact<ServiceMode> {
  const { policies, gap } = peerAuthentications(view, service.namespace);
  if (gap !== undefined) return unknown(gap);
  const target = { namespace: service.namespace, labels: {} };
  const levels = policyLevels(
    policies.filter(({ hasSelector }) => !hasSelector),
    target,
    view.settings.rootNamespace,
  );
  if (levels.mesh.length > 1 || levels.namespace.length > 1) {
    return unknown(`which PeerAuthentication of ${service.namespace} or the mesh is the oldest is not known`);
  }
  const endpoints = passthrough ? endpointTlsModes(service, view) : known([]);
  if (!endpoints.known) return endpoints;
  return known(
    inferServiceMode({
      meshExternal: false,
      passthrough,
      endpointTlsModes: endpoints.value,
      namespaceMode: levels.namespace[0]?.mode,
      meshMode: levels.mesh[0]?.mode,
    }),
  );
}

function endpointTlsModes(service: Service, view: ProxyView): Fact<readonly (string | undefined)[]> {
  const { world } = view;
  const gap = world.listIn(KIND.pod, service.namespace).gap;
  if (gap !== undefined) return unknown(gap);
  const entries = entryEndpoints(view, service);
  if (!entries.known) return entries;
  const modes: (string | undefined)[] = entries.value.map(({ tlsMode }) => tlsMode);
  for (const workload of workloadsIn(world, service.namespace)) {
    for (const cohort of cohortsOf(workload)) {
      if (!selected(service, cohort.pod)) continue;
      const mode = tlsModeOf({ workload, cohort, port: 0 }, world);
      if (!mode.known) return mode;
      modes.push(mode.value);
    }
  }
  return known(modes);
}

function selected(service: Service, pod: PodShape): boolean {
  return (
    service.selector !== undefined &&
    Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value)
  );
}

/** The label that makes clients send mutual TLS by themselves; injection sets it unless the template says otherwise. */
function tlsModeOf(server: ServerEnd, world: World): Fact<string | undefined> {
  const { workload, cohort } = server;
  const written = cohort.pod.labels['security.istio.io/tlsMode'];
  if (written !== undefined) return known(written);
  if (cohort.state === 'live' && detectProxy(cohort.pod).proxy !== 'none') return known(undefined);
  return injectedTlsMode(workload, cohort, world);
}

function injectedTlsMode(workload: ServerEnd['workload'], cohort: Cohort, world: World): Fact<string | undefined> {
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined) return known(undefined);
  if (dataPlane.mode === 'unknown') return unknown(dataPlane.reason);
  return known(dataPlane.mode === 'sidecar' ? 'istio' : undefined);
}

function sent(wire: SentWire, client: ClientEnd, view: ProxyView | undefined): Outbound {
  const { workload, cohort } = client;
  const hasIdentity = wire.certificate === 'mesh' && view !== undefined;
  const identity = hasIdentity
    ? spiffeId(view.settings.trustDomain, workload.namespace, cohort.pod.serviceAccount)
    : undefined;
  return {
    wire: wire.wire,
    ...(wire.wire === 'hbone' ? TUNNEL : {}),
    identity: known(identity),
    why: wire.why,
    evidence: wire.decidedBy.map((object) => ({ object, field: 'spec.trafficPolicy', rule: wire.why })),
  };
}
