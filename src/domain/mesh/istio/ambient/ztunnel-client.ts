import { oncePer } from '../../../world/derived.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { Service } from '../../../world/service.ts';
import type { World } from '../../../world/world.ts';
import type { ClientEnd, Destination, Outbound, ServerEnd } from '../../mesh.ts';
import { spiffeId } from '../authorization/peer-match.ts';
import { rivalEntry } from '../client-side.ts';
import { dataPlaneOf } from '../data-plane.ts';
import { interopWire } from '../destination-rule/ambient-interop.ts';
import { entryEndpoints } from '../entry-endpoints.ts';
import { portProtocol } from '../protocol/port-protocol.ts';
import { discovers, type ProxyView } from '../proxy-view.ts';
import { memberOf } from './mesh-member.ts';
import { relayFor, whyRelayed } from './relay-for.ts';
import { ztunnelView } from './ztunnel-agent.ts';

/**
 * What a client in ambient mode sends: HBONE to whatever takes it, through the waypoint of the Service or pod that it
 * calls, and the application's bytes to all others. DestinationRules and Sidecar resources mean nothing to ztunnel.
 * Source: ztunnel src/proxy/outbound.rs; istio pilot/pkg/serviceregistry/ambient/workloads.go.
 */
export function ztunnelOutbound(client: ClientEnd, destination: Destination, world: World): Outbound {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane === undefined) return notKnown('the client is not in ambient mode');
  if (!dataPlane.captured.known) return perhapsRelayed(dataPlane.captured.reason);
  if (!dataPlane.captured.value) return plaintext(dataPlane.reason);
  const view = ztunnelView(world);
  if (!view.known) return perhapsRelayed(view.reason);
  const seen = discovers(view.value, client.workload.namespace);
  if (!seen.known) return perhapsRelayed(seen.reason);
  if (!seen.value)
    return perhapsRelayed(`istiod's discoverySelectors leave out namespace ${client.workload.namespace}`);
  return throughZtunnel(client, destination, view.value);
}

/** Whoever calls, the same is sent; under whose identity is all that differs. */
function throughZtunnel({ workload, cohort }: ClientEnd, destination: Destination, view: ProxyView): Outbound {
  const sent = sentTo(view, destination);
  if (sent.wire !== 'hbone') return sent;
  const { namespace } = workload;
  return { ...sent, identity: known(spiffeId(view.settings.trustDomain, namespace, cohort.pod.serviceAccount)) };
}

const sentTo = oncePer(findSent);

/** What is sent to a destination, still without an identity. */
function findSent(view: ProxyView, destination: Destination): Outbound {
  const { service } = destination;
  const way = service === undefined ? known('pod' as const) : wayTo(service.service, destination, view);
  if (!way.known) return perhapsRelayed(way.reason);
  if (way.value === 'unseen')
    return plaintext('istiod does not see the namespace of the Service, so ztunnel passes the bytes through');
  const relay = relayFor(
    service === undefined || way.value === 'pod' ? atPod(destination.server) : atService(service.service),
    view.world,
  );
  if (!relay.known) return perhapsRelayed(relay.reason);
  if (relay.value !== undefined)
    return {
      ...TUNNEL,
      identity: known(undefined),
      why: whyRelayed(relay.value),
      evidence: [],
      relay: relay.value,
    };
  return directly(destination.server, view.world);
}

function atService({ namespace, object }: Service) {
  return { namespace, labels: object.metadata.labels, traffic: 'service' } as const;
}

function atPod({ workload, cohort }: ServerEnd) {
  return { namespace: workload.namespace, labels: cohort.pod.labels, traffic: 'workload' } as const;
}

/** A headless Service has no address of its own: its pods are called by theirs. */
function wayTo(service: Service, destination: Destination, view: ProxyView): Fact<'service' | 'pod' | 'unseen'> {
  const port = destination.service?.port;
  if (port !== undefined && portProtocol(port).declared === undefined)
    return unknown(`Istio reads port ${String(port.port)} of Service ${service.namespace}/${service.name} as UDP`);
  const seen = discovers(view, service.namespace);
  if (!seen.known) return seen;
  if (!seen.value) return known('unseen');
  if (service.headless) return known('pod');
  const rival = rivalEntry(view, service);
  if (rival !== undefined) return unknown(rival);
  const entries = entryEndpoints(view, service);
  if (!entries.known) return entries;
  const [entry] = entries.value;
  if (entry === undefined) return known('service');
  return unknown(`WorkloadEntry ${service.namespace}/${entry.name} answers for Service ${service.name} too`);
}

/** What ztunnel, or a waypoint, sends straight to a server: HBONE where it takes that, else the bytes as they are. */
export function directly(server: ServerEnd, world: World): Outbound {
  const member = memberOf(server, world);
  if (!member.known) return notKnown(member.reason);
  const wire = interopWire({ client: 'ambient', server: member.value, rule: undefined, headless: false });
  if (wire === 'hbone') return { ...TUNNEL, identity: known(undefined), why: 'the server takes HBONE', evidence: [] };
  return plaintext(
    member.value === 'sidecar'
      ? 'the sidecar of the server takes no HBONE (label networking.istio.io/tunnel), and ztunnel speaks no other mutual TLS'
      : 'the server takes no HBONE, so the bytes go out as they are',
  );
}

/** HBONE, and the port that it goes to on every pod. */
export const TUNNEL = { wire: 'hbone', wirePort: known(15008) } as const;

function plaintext(why: string): Outbound {
  return { wire: 'plaintext', identity: known(undefined), why, evidence: [] };
}

/** Not known, and neither is whether a waypoint stands between. */
function perhapsRelayed(why: string): Outbound {
  return { ...notKnown(why), mayRelay: why };
}

function notKnown(why: string): Outbound {
  return { wire: 'unknown', identity: unknown(why), why, evidence: [] };
}
