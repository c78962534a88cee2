import { at } from '../../../../lib/json.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef } from '../../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import type { Authorization, Destination, Inbound, Outbound, PortMode, Relayed, RelayQuestion } from '../../mesh.ts';
import { anyChange } from '../../request.ts';
import { toAuthorization } from '../authorization-answer.ts';
import type { Token } from '../authorization/connection.ts';
import { evaluateOnEnvoy } from '../authorization/evaluate-on-envoy.ts';
import { connectionOf } from '../call-connection.ts';
import { REVISION_LABEL } from '../config-visibility.ts';
import { clusterTls } from '../destination-rule/tls-block.ts';
import { judgeArrival, undecided } from '../judge-arrival.ts';
import type { DeclaredPort } from '../mtls/inbound-filter-chain.ts';
import { portProtocol } from '../protocol/port-protocol.ts';
import { modifierAmong, proxyView, visibleAmong, type ProxyView } from '../proxy-view.ts';
import { changesRouted } from '../request-changes.ts';
import { subsetsRouted } from '../routed-subsets.ts';
import { ruleFor, whyUnfollowed } from '../service-rule.ts';
import { GATEWAY_NAME } from './relay-for.ts';
import { waypointPolicies } from './waypoint-policies.ts';
import { directly } from './ztunnel-client.ts';
import { ztunnelView } from './ztunnel-agent.ts';

const HBONE_ONLY: PortMode = {
  mode: 'strict',
  declared: 'HBONE',
  evidence: [{ rule: 'A waypoint takes nothing but HBONE.' }],
};

/** What a waypoint makes of a call that an ambient client or a gateway sends it, and what it sends on to the server. */
export function relayedBy(question: RelayQuestion, world: World): Relayed {
  const view = viewOf(question, world);
  if (!view.known) return nothingKnown(view.reason);
  const declared = declaredAt(question.destination);
  const inbound = inboundAt(question, declared, view.value);
  return {
    inbound,
    authorization: authorizationAt(question, inbound, view.value),
    onward: onwardFrom(question, view.value),
  };
}

/** The waypoint is configured by the istiod of its own revision; without the label by the one that serves ztunnel. */
function viewOf({ relay }: RelayQuestion, world: World): Fact<ProxyView> {
  const gateway = world.get(relay.object);
  const revision = gateway?.metadata.labels[REVISION_LABEL];
  return revision === undefined ? ztunnelView(world) : proxyView(world, revision);
}

function nothingKnown(why: string): Relayed {
  return {
    inbound: undecided(why, HBONE_ONLY),
    authorization: { decision: 'unknown', by: 'none', why, evidence: [] },
    onward: notSent(why),
  };
}

/** A pod that is called by its own address has no Service whose port says what it speaks. */
function declaredAt({ service }: Destination): DeclaredPort {
  return service === undefined ? 'AUTO' : (portProtocol(service.port).declared ?? 'AUTO');
}

function inboundAt({ relay, arrival, destination }: RelayQuestion, declared: DeclaredPort, view: ProxyView): Inbound {
  const odd = whyOdd(relay.object, destination, view);
  if (odd !== undefined) return undecided(odd, HBONE_ONLY);
  return judgeArrival({ mode: 'DISABLE', declared, arrival, wire: 'plaintext' }, HBONE_ONLY);
}

const EXTENSIONS = [KIND.envoyFilter, KIND.wasmPlugin, KIND.trafficExtension] as const;

/** Extensions act on waypoints only where they target something; what they then do is not modelled. */
function whyOdd(
  gateway: RelayQuestion['relay']['object'],
  destination: Destination,
  view: ProxyView,
): string | undefined {
  const { namespace = '', name } = gateway;
  const spaces = spacesOf(gateway, destination, view);
  for (const kind of EXTENSIONS) {
    const { objects, gap } = visibleAmong(view, kind, spaces);
    const found = objects.find(({ spec }) => targets(spec));
    if (found !== undefined)
      return `${found.kind} ${found.metadata.namespace ?? ''}/${found.metadata.name} may act on ${formatRef(gateway)}`;
    if (gap !== undefined) return gap;
  }
  return modifierAmong(view, [KIND.proxyConfig], { namespace, labels: { [GATEWAY_NAME]: name } });
}

function spacesOf(
  { namespace = '' }: RelayQuestion['relay']['object'],
  { service, server }: Destination,
  view: ProxyView,
) {
  return [view.settings.rootNamespace, namespace, service?.service.namespace ?? server.workload.namespace];
}

function targets(spec: unknown): boolean {
  return at(spec, 'targetRefs') !== undefined || at(spec, 'targetRef') !== undefined;
}

function authorizationAt(question: RelayQuestion, { handledAs }: Inbound, view: ProxyView): Authorization {
  const { relay, destination, arrival, identity, request } = question;
  const { policies, gap } = waypointPolicies(view, relay.object, destination.service?.service);
  const connection = connectionOf({
    port: portAt(destination),
    arrival: { ...arrival, wire: 'hbone' },
    identity,
    request,
    token: tokenAt(question, view),
  });
  const decision = evaluateOnEnvoy(policies, connection, {
    handling: handledAs === 'unknown' ? 'auto' : handledAs,
    trustDomains: [view.settings.trustDomain, ...view.settings.trustDomainAliases],
  });
  return toAuthorization(decision, gap);
}

/** Whether a waypoint takes `ports` for the Service's or the pods' is not settled; where both are one, it is no matter. */
function portAt({ service, server }: Destination): Fact<number> {
  if (service === undefined || service.port.port === server.port) return known(server.port);
  return unknown('whether a waypoint compares ports with those of the Service or of the pods is not settled');
}

function tokenAt({ relay, destination }: RelayQuestion, view: ProxyView): Fact<Token | undefined> {
  const { objects, gap } = visibleAmong(view, KIND.requestAuthentication, spacesOf(relay.object, destination, view));
  const found = objects.find(({ spec }) => targets(spec));
  if (found !== undefined)
    return unknown(`whether the request carries a token for ${found.metadata.name} is not known`);
  return gap === undefined ? known(undefined) : unknown(gap);
}

/** The waypoint's own call: routes and rules of the Service hold here, and HBONE goes to whatever takes it. */
function onwardFrom({ relay, destination }: RelayQuestion, view: ProxyView): Outbound {
  const elsewhere = whyElsewhere(relay.object.namespace ?? '', destination, view);
  if (elsewhere !== undefined) return notSent(elsewhere);
  const sent = directly(destination.server, view.world);
  const own = sent.wire === 'hbone' ? { ...sent, identity: known(relay.identity) } : sent;
  const service = destination.service?.service;
  const changes =
    service === undefined ? undefined : changesRouted(view, { namespace: service.namespace, gateway: false }, service);
  return changes === undefined ? own : { ...own, changes };
}

function notSent(why: string): Outbound {
  return { wire: 'unknown', identity: unknown(why), why, evidence: [], changes: anyChange(why) };
}

function whyElsewhere(namespace: string, { service }: Destination, view: ProxyView): string | undefined {
  if (service === undefined) return undefined;
  const client = { namespace: service.service.namespace, gateway: false, port: service.port.port };
  const subsets = subsetsRouted(view, client, service.service);
  if (!subsets.known) return subsets.reason;
  const routed = subsets.value.find((subset) => subset !== undefined);
  if (routed !== undefined) return `a route leads through the waypoint to subset ${routed}, which is not followed`;
  const rule = ruleFor(view, { namespace, labels: {} }, service.service);
  if (!rule.known) return rule.reason;
  if (rule.value === undefined) return undefined;
  const target = { servicePort: service.port.port };
  const mode = clusterTls(rule.value, target)?.mode;
  if (mode === 'SIMPLE' || mode === 'MUTUAL') return 'a DestinationRule adds TLS to what the waypoint sends';
  return whyUnfollowed(rule.value, target);
}
