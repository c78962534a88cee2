import { known, type Fact } from '../../world/fact.ts';
import { oncePerCohort } from '../../world/once-per-cohort.ts';
import type { World } from '../../world/world.ts';
import type { Arrival, DataPlane, Inbound, PortMode, ServerEnd } from '../mesh.ts';
import { unmeshedInbound } from '../unmeshed.ts';
import { portModeAt, ztunnelInbound, ztunnelPlace } from './ambient/ztunnel-server.ts';
import { memberOf } from './ambient/mesh-member.ts';
import { dataPlaneOf } from './data-plane.ts';
import { proxyContainer } from './injection/detect-proxy.ts';
import { labelsInForce } from './labels-in-force.ts';
import { judgeArrival, undecided } from './judge-arrival.ts';
import { scrapePassesBy } from './merged-scrapes.ts';
import { injectorValues, rewritesProbes } from './mesh-settings.ts';
import { modifierOf, proxyView, type ProxyView } from './proxy-view.ts';
import { decidedMode, modeInForce } from './server-mode.ts';
import { declaredPort, whyNotCaptured } from './server-ports.ts';

const NO_PROXY: PortMode = { mode: 'none', declared: 'no proxy', evidence: [] };
const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';
const UNKNOWN_MODE: PortMode = { mode: 'unknown', declared: 'unknown', evidence: [] };

/** The mode in force on a container port; `none` where no proxy takes its traffic, whatever policies say. */
export function portModeOf(server: ServerEnd, world: World): PortMode {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (dataPlane?.mode === 'ambient') return portModeAt(server, ztunnelPlace(server, dataPlane, world));
  const place = placeOf(server, world);
  switch (place.kind) {
    case 'uncaptured':
      return { ...NO_PROXY, evidence: [{ rule: place.why }] };
    case 'unknown':
      return { ...UNKNOWN_MODE, evidence: [{ rule: place.why }] };
    case 'captured':
      return modeInForce(place.view, server);
  }
}

/** Whether calls to a port pass a proxy, and which configuration that proxy is given. */
export type Place =
  | { readonly kind: 'uncaptured'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'captured'; readonly view: ProxyView; readonly dataPlane: DataPlane };

/** Finds the proxy that calls to a port pass, or why none does, or why that is not known. */
export function placeOf(server: ServerEnd, world: World): Place {
  const places = placesOf(server.workload, server.cohort, world);
  const kept = places.get(server.port) ?? findPlace(server, world);
  places.set(server.port, kept);
  return kept;
}

const placesOf = oncePerCohort(() => new Map<number, Place>());

function findPlace(server: ServerEnd, world: World): Place {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (dataPlane === undefined) return { kind: 'uncaptured', why: 'the pods have no proxy' };
  if (dataPlane.mode !== 'sidecar') return elsewhere(dataPlane);
  if (!dataPlane.captured.known) return { kind: 'unknown', why: dataPlane.captured.reason };
  if (!dataPlane.captured.value) return { kind: 'uncaptured', why: dataPlane.reason };
  const revision = dataPlane.revision ?? 'default';
  const open = whyNotCaptured(server, injectorValues(world, revision));
  if (!open.known) return { kind: 'unknown', why: open.reason };
  if (open.value !== undefined) return { kind: 'uncaptured', why: open.value };
  const view = proxyView(world, revision);
  return view.known ? { kind: 'captured', view: view.value, dataPlane } : { kind: 'unknown', why: view.reason };
}

/** Gateways listen as their Gateway resources say, and what proxyless servers take is up to them. */
function elsewhere(dataPlane: DataPlane): Place {
  if (dataPlane.mode === 'proxyless')
    return { kind: 'unknown', why: 'what proxyless gRPC servers take is not modelled' };
  if (dataPlane.mode === 'gateway')
    return {
      kind: 'unknown',
      why: 'the listeners of a gateway go by their own Gateway resources, not by PeerAuthentication, and are not modelled',
    };
  const what =
    dataPlane.mode === 'unknown' ? dataPlane.reason : `what a pod in mode ${dataPlane.mode} takes is not modelled`;
  return { kind: 'unknown', why: what };
}

/** What the server makes of what arrives at a container port. */
export function inboundOf(server: ServerEnd, arrival: Arrival, world: World): Inbound {
  const dataPlane = dataPlaneOf(server.workload, server.cohort, world);
  if (dataPlane?.mode === 'ambient') return ztunnelInbound(server, arrival, ztunnelPlace(server, dataPlane, world));
  const place = placeOf(server, world);
  if (place.kind === 'unknown') return undecided(place.why, UNKNOWN_MODE);
  if (place.kind === 'uncaptured') return { ...unmeshedInbound(arrival), mode: NO_PROXY };
  if (arrival.sender === 'kubelet') {
    const rewritten = probesPassBy(server, { place, hook: arrival.hook === true }, world);
    if (!rewritten.known) return undecided(rewritten.reason, UNKNOWN_MODE);
    if (rewritten.value) return probePassesBy(server, place.view);
    if (connectsOnly(arrival)) return connected(server, place.view);
  }
  const scraped = scrapePassesBy(server, arrival, { world, revision: place.dataPlane.revision ?? 'default' });
  if (!scraped.known) return undecided(scraped.reason, UNKNOWN_MODE);
  if (scraped.value) return scrapeOfAgent(server, place.view);
  return arrival.wire === 'hbone'
    ? outOfTunnel(server, arrival, place.view)
    : throughProxy(server, arrival, place.view);
}

/** A probe by TCP ends where it is connected. */
export function connectsOnly({ sender, payload }: Arrival): boolean {
  return sender === 'kubelet' && payload === 'tcp';
}

/** Source: https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/ */
function connected(server: ServerEnd, view: ProxyView): Inbound {
  const mode = modeInForce(view, server);
  return { outcome: 'degraded', handledAs: 'tcp', mode, why: CONNECTS, evidence: mode.evidence };
}

/** Why a probe by TCP tells nothing of the application. */
export const CONNECTS =
  'the proxy takes every connection before it looks at it, so the probe succeeds, even where the application is down';

/** HBONE is mutual TLS to a port of its own, whatever the mode; what comes out of it is read as the port is declared. */
function outOfTunnel(server: ServerEnd, arrival: Arrival, view: ProxyView): Inbound {
  const mode = modeInForce(view, server);
  const member = memberOf(server, view.world);
  if (!member.known) return undecided(member.reason, mode);
  if (member.value !== 'sidecar-hbone') {
    const why = 'the sidecar takes no HBONE (label networking.istio.io/tunnel)';
    return { outcome: 'refused', handledAs: 'unknown', mode, why, evidence: mode.evidence };
  }
  const modifier = modifierOf(view, server.workload.namespace, labelsInForce(server.workload, server.cohort));
  if (modifier !== undefined) return undecided(modifier, mode);
  const declared = declaredPort(view, server);
  if (!declared.known) return undecided(declared.reason, mode);
  return judgeArrival({ mode: 'DISABLE', declared: declared.value, arrival, wire: 'plaintext' }, mode);
}

/** A rewritten probe goes to the agent, which asks the application from inside the pod. */
function probePassesBy(server: ServerEnd, view: ProxyView): Inbound {
  return {
    outcome: 'accepted',
    handledAs: 'http',
    mode: modeInForce(view, server),
    why: 'the probe is rewritten to port 15020 of the agent, which is not captured',
    evidence: [{ rule: 'Injection rewrites probes to the agent.', source: 'istio pkg/kube/inject/app_probe.go' }],
  };
}

/** The agent adds what the application says of itself, whom it asks from inside the pod. */
function scrapeOfAgent(server: ServerEnd, view: ProxyView): Inbound {
  return {
    outcome: 'accepted',
    handledAs: 'http',
    mode: modeInForce(view, server),
    why: 'the scrape goes to port 15020 of the agent, which is not captured',
    evidence: [{ rule: 'Injection moves annotated scrapes to the agent.', source: SCRAPES }],
  };
}

const SCRAPES = 'https://istio.io/latest/docs/ops/integrations/prometheus/#option-1-metrics-merging';

/**
 * Whether the kubelet's probes of the server go to the agent: as live pods show, else as injection would write them.
 * Lifecycle hooks are rewritten alike, and a pod's shape does not show them.
 */
export function probesPassBy(
  server: ServerEnd,
  asked: { readonly place: Extract<Place, { kind: 'captured' }>; readonly hook: boolean },
  world: World,
): Fact<boolean> {
  const { place, hook } = asked;
  const { cohort, port } = server;
  // A pod with its proxy shows how it was made: a probe that was rewritten goes to the agent's port.
  const proxy = proxyContainer(cohort.pod);
  if (!hook && proxy !== undefined && proxy.image !== 'auto') {
    const containers = [...cohort.pod.containers, ...cohort.pod.initContainers];
    const direct = containers.some(
      ({ name, probes }) => name !== 'istio-proxy' && probes.some((probe) => probe.port === port),
    );
    return known(!direct);
  }
  const annotation = cohort.pod.annotations[REWRITE];
  if (annotation === 'true' || annotation === 'false') return known(annotation === 'true');
  return rewritesProbes(world, place.dataPlane.revision ?? 'default');
}

function throughProxy(server: ServerEnd, arrival: Arrival, view: ProxyView): Inbound {
  const decided = decidedMode(view, server);
  const mode = modeInForce(view, server);
  const labels = labelsInForce(server.workload, server.cohort);
  if (!decided.mode.known) return undecided(decided.mode.reason, mode);
  // A plaintext call that mutual TLS alone may enter is refused whatever an extension does to what is let in.
  const modifier = modifierOf(view, server.workload.namespace, labels);
  if (modifier !== undefined) return undecided(modifier, mode);
  const declared = declaredPort(view, server);
  if (!declared.known) return undecided(declared.reason, mode);
  if (arrival.wire === 'unknown' || arrival.wire === 'hbone') {
    return undecided('what the client puts on the wire is not known', mode);
  }
  const question = { mode: decided.mode.value, declared: declared.value, arrival, wire: arrival.wire };
  return judgeArrival(question, mode);
}
