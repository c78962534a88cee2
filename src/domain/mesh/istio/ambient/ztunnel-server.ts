import type { Evidence } from '../../../world/evidence.ts';
import { oncePerCohort } from '../../../world/once-per-cohort.ts';
import type { World } from '../../../world/world.ts';
import type { Arrival, DataPlane, Inbound, PortMode, ServerEnd } from '../../mesh.ts';
import { ADDED_TLS, unmeshedInbound } from '../../unmeshed.ts';
import { modeOnPort, type DecidedMode } from '../mtls/effective-mode.ts';
import { discovers, type ProxyView } from '../proxy-view.ts';
import { effectiveMtls, peerAuthentications } from '../server-mode.ts';
import { ztunnelAcceptsPlaintext } from './converted-peer-authentication.ts';
import { ztunnelView } from './ztunnel-agent.ts';

const BYPASS = 'ambient.istio.io/bypass-inbound-capture';
const SOURCE = 'istio pilot/pkg/serviceregistry/ambient/authorization.go#convertedSelectorPeerAuthentications';

/** Whether ztunnel stands before a server in ambient mode, and which configuration it is given. */
export type ZtunnelPlace =
  | { readonly kind: 'uncaptured'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  /** `direct`: plaintext goes past ztunnel, as the pod asks for. */
  | { readonly kind: 'captured'; readonly view: ProxyView; readonly direct: boolean };

/** Finds the ztunnel that calls to a server in ambient mode pass, or why none does, or why that is not known. */
export function ztunnelPlace(server: Omit<ServerEnd, 'port'>, dataPlane: DataPlane, world: World): ZtunnelPlace {
  const { workload, cohort } = server;
  const places = placesOf(workload, cohort, world);
  const kept = places.get(dataPlane) ?? findPlace(server, dataPlane, world);
  places.set(dataPlane, kept);
  return kept;
}

const placesOf = oncePerCohort(() => new Map<DataPlane, ZtunnelPlace>());

function findPlace(server: Omit<ServerEnd, 'port'>, dataPlane: DataPlane, world: World): ZtunnelPlace {
  if (!dataPlane.captured.known) return { kind: 'unknown', why: dataPlane.captured.reason };
  if (!dataPlane.captured.value) return { kind: 'uncaptured', why: dataPlane.reason };
  const view = ztunnelView(world);
  if (!view.known) return { kind: 'unknown', why: view.reason };
  const { namespace } = server.workload;
  const seen = discovers(view.value, namespace);
  if (!seen.known) return { kind: 'unknown', why: seen.reason };
  if (!seen.value) return { kind: 'unknown', why: `istiod's discoverySelectors leave out namespace ${namespace}` };
  const direct = /^(1|t|true)$/i.test(server.cohort.pod.annotations[BYPASS] ?? '');
  return { kind: 'captured', view: view.value, direct };
}

/** The mode in force on a container port behind ztunnel. HBONE is accepted in all of them. */
export function ztunnelPortMode(server: ServerEnd, view: ProxyView): PortMode {
  const { namespace } = server.workload;
  const { gap } = peerAuthentications(view, namespace);
  if (gap !== undefined) return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: gap }] };
  const effective = effectiveMtls(view, namespace, server.cohort.pod.labels);
  const decided = modeOnPort(effective, server.port);
  const accepts = ztunnelAcceptsPlaintext(effective.levels, server.port);
  if (!accepts.known) return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: accepts.reason }] };
  return {
    mode: accepts.value ? 'permissive' : 'strict',
    declared: declaredAs(decided, accepts.value),
    evidence: [decided.decidedBy, ...conversion(decided, accepts.value)],
  };
}

function declaredAs({ mode }: DecidedMode, acceptsPlaintext: boolean): string {
  if (!acceptsPlaintext) return 'STRICT';
  return mode.known && mode.value === 'DISABLE' ? 'DISABLE' : 'PERMISSIVE';
}

/** What ztunnel makes of a mode that means something else to sidecars. */
function conversion({ mode, decidedBy }: DecidedMode, acceptsPlaintext: boolean): readonly Evidence[] {
  if (!mode.known || mode.value === (acceptsPlaintext ? 'PERMISSIVE' : 'STRICT')) return [];
  const object = decidedBy.object === undefined ? {} : { object: decidedBy.object };
  if (acceptsPlaintext) {
    const rule = `ztunnel takes ${mode.value} for PERMISSIVE: plaintext and HBONE are both accepted.`;
    return [{ ...object, rule, source: SOURCE }];
  }
  const rule = `A port that says ${mode.value} changes nothing on ztunnel where STRICT is inherited and no port is PERMISSIVE.`;
  return [{ ...object, rule, source: SOURCE }];
}

const NO_PROXY: PortMode = { mode: 'none', declared: 'no proxy', evidence: [] };

/** What ztunnel makes of what arrives at a container port: it opens HBONE and hands all other bytes on as they are. */
export function ztunnelInbound(server: ServerEnd, arrival: Arrival, place: ZtunnelPlace): Inbound {
  if (place.kind === 'unknown')
    return answer('unknown', place.why, { mode: 'unknown', declared: 'unknown', evidence: [] });
  if (place.kind === 'uncaptured') return { ...unmeshedInbound(arrival), mode: NO_PROXY };
  if (place.direct && arrival.wire !== 'hbone') return { ...unmeshedInbound(arrival), mode: portModeAt(server, place) };
  const mode = ztunnelPortMode(server, place.view);
  if (arrival.sender === 'kubelet') return probe(mode);
  switch (arrival.wire) {
    case 'hbone':
      return answer('accepted', 'ztunnel ends HBONE, which every mode takes', mode);
    case 'mtls':
      return answer('refused', 'ztunnel does not end the mutual TLS of sidecars, and no application reads it', mode);
    case 'unknown':
      return answer('unknown', 'what the client puts on the wire is not known', mode);
    case 'plaintext':
    case 'tls':
      return withoutIdentity(arrival, mode);
  }
}

/** The mode to show for a port behind ztunnel, where plaintext may go past it. */
export function portModeAt(server: ServerEnd, place: ZtunnelPlace): PortMode {
  switch (place.kind) {
    case 'uncaptured':
      return { ...NO_PROXY, evidence: [{ rule: place.why }] };
    case 'unknown':
      return { mode: 'unknown', declared: 'unknown', evidence: [{ rule: place.why }] };
    case 'captured': {
      if (!place.direct) return ztunnelPortMode(server, place.view);
      const rule = 'Plaintext goes past ztunnel, so no policy holds it back.';
      return { ...NO_PROXY, evidence: [{ field: `metadata.annotations["${BYPASS}"]`, value: 'true', rule }] };
    }
  }
}

function withoutIdentity(arrival: Arrival, mode: PortMode): Inbound {
  if (mode.mode === 'unknown') {
    const why = mode.evidence[0]?.rule ?? 'the mode of the port is not known';
    return answer('unknown', why, mode);
  }
  if (mode.mode === 'strict')
    return answer('refused', `ztunnel refuses what comes without a mesh identity (mode ${mode.declared})`, mode);
  if (arrival.wire === 'tls' && arrival.payload !== 'tls') return answer('unknown', ADDED_TLS, mode);
  return answer('accepted', 'ztunnel hands plaintext on to the application', mode);
}

/** The node agent gives the kubelet's connections an address that ztunnel's redirection leaves out. */
function probe(mode: PortMode): Inbound {
  return answer('accepted', 'connections of the kubelet go past ztunnel, whatever the mode', mode);
}

/** ztunnel reads no more than layer 4. */
function answer(outcome: Inbound['outcome'], why: string, mode: PortMode): Inbound {
  return { outcome, handledAs: 'tcp', mode, why, evidence: mode.evidence };
}
