import { derivedFrom, oncePer } from '../../world/derived.ts';
import { known, unknown } from '../../world/fact.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { Cohort, Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd, Destination, Outbound } from '../mesh.ts';
import { anyChange } from '../request.ts';
import { gatewayRelay } from './ambient/relay-for.ts';
import type { SentWire } from './ambient/tunnel-wire.ts';
import { TUNNEL, ztunnelOutbound } from './ambient/ztunnel-client.ts';
import { spiffeId } from './authorization/peer-match.ts';
import { clientSide, type ClientSide } from './client-side.ts';
import { dataPlaneOf } from './data-plane.ts';
import { passthroughWire } from './destination-rule/client-wire.ts';
import { besideHttp } from './no-http.ts';
import type { ProxyView } from './proxy-view.ts';
import { changesRouted } from './request-changes.ts';
import { wireToService } from './service-wire.ts';
import { stalling } from './stalling.ts';

/** What a client of Istio puts on the wire to a server, and with which identity. */
export function outboundOf(client: ClientEnd, destination: Destination, world: World): Outbound {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane?.mode === 'ambient') return ztunnelOutbound(client, destination, world);
  const side = clientSide(client, destination, world);
  switch (side.kind) {
    case 'unknown':
      return { ...notKnown(side.why), ...(dataPlane?.mode === 'gateway' ? { mayRelay: side.why } : {}) };
    case 'bypass':
      return derivedFrom(side, passedBy);
    case 'proxied':
      return throughProxy(
        side,
        client,
        side.listener === undefined ? destination : { ...destination, service: side.listener },
      );
  }
}

/** What goes past a client's proxy. */
function passedBy({ why }: Extract<ClientSide, { kind: 'bypass' }>): Outbound {
  return { wire: 'plaintext', identity: known(undefined), why, evidence: [] };
}

const PASSED_THROUGH = passthroughWire();

function throughProxy(
  side: Extract<ClientSide, { kind: 'proxied' }>,
  client: ClientEnd,
  destination: Destination,
): Outbound {
  const { view, gateway } = side;
  if (destination.service === undefined) return sent(PASSED_THROUGH, client, view);
  const beside = gateway ? undefined : besideHttp(client, destination, view);
  if (beside !== undefined) return { ...beside, ...derivedFrom(destination, stalling) };
  const wire = wireToService(client, { destination, ...destination.service, view, gateway });
  if (!wire.known) return { ...notKnown(wire.reason), ...(gateway ? { mayRelay: wire.reason } : {}) };
  const relay = gateway ? gatewayRelay(destination.service.service, view.world) : known(undefined);
  if (!relay.known) return { ...notKnown(relay.reason), mayRelay: relay.reason };
  const stalls = derivedFrom(destination, stalling);
  const base = sent(wire.value, client, view);
  const changes = changesRouted(view, { namespace: client.workload.namespace, gateway }, destination.service.service);
  const routed = changes === undefined ? base : { ...base, changes };
  const straight = stalls === undefined ? routed : { ...routed, ...stalls };
  return relay.value === undefined ? straight : { ...straight, ...relay.value, ...TUNNEL };
}

function notKnown(why: string): Outbound {
  return { wire: 'unknown', identity: unknown(why), why, evidence: [], changes: anyChange(why) };
}

/** One object for all that send the same under one identity, or under none. */
function sent(wire: SentWire, { workload, cohort }: ClientEnd, view: ProxyView): Outbound {
  const identity = wire.certificate === 'mesh' ? identityOf(workload, cohort, view) : derivedFrom(view, noIdentity);
  return wire.decidedBy.length === 0 ? under(identity, wire) : sentUnder(identity, wire);
}

function noIdentity(): Outbound['identity'] {
  return known(undefined);
}

/** Cohorts of one account share the object. */
const identityOf = oncePerCohort(({ namespace }: Workload, { pod }: Cohort, view: ProxyView) =>
  identities(view, spiffeId(view.settings.trustDomain, namespace, pod.serviceAccount)),
);

const identities = oncePer((_view: ProxyView, id: string): Outbound['identity'] => known(id));

const under = oncePer(sentUnder);

function sentUnder(identity: Outbound['identity'], { wire, why, decidedBy }: SentWire): Outbound {
  return {
    wire,
    ...(wire === 'hbone' ? TUNNEL : {}),
    identity,
    why,
    evidence: decidedBy.map((object) => ({ object, field: 'spec.trafficPolicy', rule: why })),
  };
}
