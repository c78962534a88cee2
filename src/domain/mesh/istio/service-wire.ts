import { KIND } from '../../kubernetes/kinds.ts';
import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Service, ServicePort } from '../../world/service.ts';
import { cohortsOf, type Cohort } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, Destination, ServerEnd } from '../mesh.ts';
import { sendsHbone, tunnelWire, type SentWire } from './ambient/tunnel-wire.ts';
import { inferServiceMode, type ServiceMode } from './destination-rule/auto-mtls.ts';
import { serviceWire } from './destination-rule/client-wire.ts';
import type { EffectiveRule } from './destination-rule/merge.ts';
import type { Subset } from './destination-rule/rule.ts';
import { clusterTls, isPassthroughRule } from './destination-rule/tls-block.ts';
import { entryEndpoints, whyEntryBare, whyEntryDiffers } from './entry-endpoints.ts';
import { labelsInForce } from './labels-in-force.ts';
import { subsetsRouted } from './routed-subsets.ts';
import { dataPlaneOf } from './data-plane.ts';
import { detectProxy } from './injection/detect-proxy.ts';
import type { ProxyView } from './proxy-view.ts';
import { decidedMode, peerAuthentications } from './server-mode.ts';
import { ruleFor, whyUnfollowed } from './service-rule.ts';
import { policyLevels } from './mtls/policy-levels.ts';

/** A call through a client's proxy to a Service. */
export interface ServiceQuestion {
  readonly destination: Destination;
  readonly view: ProxyView;
  readonly gateway: boolean;
  readonly service: Service;
  readonly port: ServicePort;
}

/**
 * What a client's proxy sends to a server of a Service. Where routes lead to several subsets, all of them must come to
 * the same wire.
 */
export function wireToService(client: ClientEnd, question: ServiceQuestion): Fact<SentWire> {
  const { gateway, service, view, port } = question;
  const { namespace } = client.workload;
  const sends = sendsHbone(client.cohort.pod);
  const rule = ruleFor(view, { namespace, labels: labelsInForce(client.workload, client.cohort) }, service);
  if (!rule.known) return rule;
  const subsets = subsetsRouted(view, { namespace, gateway, port: port.port }, service);
  if (!subsets.known) return subsets;
  const lost = subsets.value.find((subset) => subset !== undefined && !hasSubset(rule.value, subset));
  if (lost !== undefined) return unknown(`a route leads to subset ${lost} of ${service.name}, which no rule defines`);
  const empty = subsets.value.find((subset) => subset !== undefined && isEmpty(question, labelsOf(rule.value, subset)));
  if (empty !== undefined)
    return unknown(`no pod of ${service.name} that is known is in subset ${empty}, which a route leads to`);
  const wires = subsets.value.map((subset) => wireBy(question, { rule: rule.value, subset, sends }));
  const [first, ...others] = wires;
  if (first === undefined) return unknown('no route leads to the service');
  const differs = others.find((other) => !first.known || !other.known || other.value.wire !== first.value.wire);
  if (differs === undefined) return first;
  return unknown(`the subsets of ${service.namespace}/${service.name} are called in different ways`);
}

function hasSubset(rule: EffectiveRule | undefined, name: string): boolean {
  return rule?.subsets.some((subset) => subset.name === name) === true;
}

function labelsOf(rule: EffectiveRule | undefined, name: string): Subset['labels'] {
  return rule?.subsets.find((subset) => subset.name === name)?.labels ?? {};
}

/** Whether a subset has no pod of the state of the server's: a restart may leave it without any. */
function isEmpty({ service, destination, view }: ServiceQuestion, labels: Subset['labels']): boolean {
  const { state } = destination.server.cohort;
  const entries = entryEndpoints(view, service);
  if (!entries.known || entries.value.length > 0) return false;
  return !workloadsIn(view.world, service.namespace).some((workload) =>
    cohortsOf(workload).some((cohort) => {
      const own = labelsInForce(workload, cohort);
      const isIn = Object.entries(labels).every(([key, value]) => own[key] === value);
      return cohort.state === state && isIn && selected(service, cohort.pod);
    }),
  );
}

/** All that a client's own configuration decides of the wire. */
interface Chosen {
  readonly rule: EffectiveRule | undefined;
  readonly subset: string | undefined;
  readonly sends: Fact<boolean>;
}

/** Clients for which the same was chosen send the same, and most choose nothing. */
function wireBy(question: ServiceQuestion, chosen: Chosen): Fact<SentWire> {
  const { rule, subset, sends } = chosen;
  const wires = wiresTo(question.view, question.destination);
  const ofRule = wires.get(rule) ?? new Map<string, Fact<SentWire>>();
  wires.set(rule, ofRule);
  const isUsual = sends.known && sends.value && subset === undefined && !question.gateway;
  const key = isUsual ? '' : JSON.stringify([question.gateway, sends, subset]);
  const kept = ofRule.get(key) ?? sharedWire(question.view, wireToSubset(question, chosen));
  ofRule.set(key, kept);
  return kept;
}

/** One object for all that is sent alike and that no rule decides, whoever it is sent to. */
function sharedWire(view: ProxyView, wire: Fact<SentWire>): Fact<SentWire> {
  if (!wire.known || wire.value.decidedBy.length > 0) return wire;
  const shared = derivedFrom(view, noWires);
  const key = `${wire.value.wire} ${wire.value.certificate} ${wire.value.why}`;
  const kept = shared.get(key) ?? wire;
  shared.set(key, kept);
  return kept;
}

function noWires(): Map<string, Fact<SentWire>> {
  return new Map();
}

const wiresTo = oncePer<ProxyView, Destination, Map<EffectiveRule | undefined, Map<string, Fact<SentWire>>>>(
  () => new Map(),
);

function wireToSubset(question: ServiceQuestion, { rule, subset, sends }: Chosen): Fact<SentWire> {
  const { destination, view, gateway, service, port } = question;
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
    sends,
    server: destination.server,
    gateway,
    tls,
    passthrough,
    view,
  });
  if (tunnelled !== undefined) return tunnelled;
  const toPods = serviceWire({
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
  const bare = toPods.known && toPods.value.wire !== 'plaintext' ? whyEntryBare(entries.value, service) : undefined;
  return bare === undefined ? toPods : unknown(bare);
}

/** What clients infer for the whole service: from policies without selector, and for headless services all endpoints. */
function serviceMode({ view, service }: ServiceQuestion, passthrough: boolean): Fact<ServiceMode> {
  const modes = serviceModes(view, service);
  const kept = modes.get(passthrough) ?? inferMode(view, service, passthrough);
  modes.set(passthrough, kept);
  return kept;
}

const serviceModes = oncePer<ProxyView, Service, Map<boolean, Fact<ServiceMode>>>(() => new Map());

function inferMode(view: ProxyView, service: Service, passthrough: boolean): Fact<ServiceMode> {
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
