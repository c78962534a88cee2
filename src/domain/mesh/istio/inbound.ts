import { known, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { Arrival, DataPlane, Inbound, PortMode, ServerEnd } from '../mesh.ts';
import { ADDED_TLS, unmeshedInbound } from '../unmeshed.ts';
import { dataPlaneOf } from './data-plane.ts';
import { proxyContainer } from './injection/detect-proxy.ts';
import { labelsInForce } from './labels-in-force.ts';
import { injectorValues, rewritesProbes } from './mesh-settings.ts';
import {
  inboundResult,
  type DeclaredPort,
  type InboundConnection,
  type InboundResult,
} from './mtls/inbound-filter-chain.ts';
import type { MtlsMode } from './mtls/peer-authentication.ts';
import { serverFirstResult } from './protocol/server-first.ts';
import { modifierOf, proxyView, type ProxyView } from './proxy-view.ts';
import { decidedMode, toPortMode } from './server-mode.ts';
import { declaredPort, whyNotCaptured } from './server-ports.ts';

const NO_PROXY: PortMode = { mode: 'none', declared: 'no proxy', evidence: [] };
const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';
const UNKNOWN_MODE: PortMode = { mode: 'unknown', declared: 'unknown', evidence: [] };

/** The mode in force on a container port; `none` where no proxy takes its traffic, whatever policies say. */
export function portModeOf(server: ServerEnd, world: World): PortMode {
  const place = placeOf(server, world);
  switch (place.kind) {
    case 'uncaptured':
      return { ...NO_PROXY, evidence: [{ rule: place.why }] };
    case 'unknown':
      return { ...UNKNOWN_MODE, evidence: [{ rule: place.why }] };
    case 'captured':
      return toPortMode(decidedMode(place.view, server));
  }
}

/** Whether calls to a port pass a proxy, and which configuration that proxy is given. */
export type Place =
  | { readonly kind: 'uncaptured'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'captured'; readonly view: ProxyView; readonly dataPlane: DataPlane };

/** Finds the proxy that calls to a port pass, or why none does, or why that is not known. */
export function placeOf(server: ServerEnd, world: World): Place {
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

/** Gateways listen as their Gateway resources say, and ambient pods are ztunnel's: neither is resolved by these rules. */
function elsewhere(dataPlane: DataPlane): Place {
  if (dataPlane.mode === 'proxyless')
    return { kind: 'unknown', why: 'what proxyless gRPC servers take is not modelled' };
  const what =
    dataPlane.mode === 'unknown' ? dataPlane.reason : `what a pod in mode ${dataPlane.mode} takes is not modelled`;
  return { kind: 'unknown', why: what };
}

/** What the server makes of what arrives at a container port. */
export function inboundOf(server: ServerEnd, arrival: Arrival, world: World): Inbound {
  const place = placeOf(server, world);
  if (place.kind === 'unknown') return undecided(place.why, UNKNOWN_MODE);
  if (place.kind === 'uncaptured') return { ...unmeshedInbound(arrival), mode: NO_PROXY };
  if (arrival.sender === 'kubelet') {
    const rewritten = probesPassBy(server, { place, hook: arrival.hook === true }, world);
    if (!rewritten.known) return undecided(rewritten.reason, UNKNOWN_MODE);
    if (rewritten.value) return probePassesBy(server, place.view);
  }
  return throughProxy(server, arrival, place.view);
}

/** A rewritten probe goes to the agent, which asks the application from inside the pod. */
function probePassesBy(server: ServerEnd, view: ProxyView): Inbound {
  return {
    outcome: 'accepted',
    handledAs: 'http',
    mode: toPortMode(decidedMode(view, server)),
    why: 'the probe is rewritten to port 15020 of the agent, which is not captured',
    evidence: [{ rule: 'Injection rewrites probes to the agent.', source: 'istio pkg/kube/inject/app_probe.go' }],
  };
}

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
  const mode = toPortMode(decided);
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
  return judge(question, mode);
}

interface Question {
  readonly mode: MtlsMode;
  readonly declared: DeclaredPort;
  readonly arrival: Arrival;
  readonly wire: InboundConnection['wire'];
}

/** Where the payload is not known, both readings must come to the same. */
function judge(question: Question, mode: PortMode): Inbound {
  const { arrival, declared } = question;
  const stalled = stall(question, mode);
  if (stalled !== undefined) return stalled;
  const payloads = possiblePayloads(arrival, declared);
  const results = payloads.map((payload) =>
    inboundResult({ mode: question.mode, declared, connection: { wire: question.wire, payload } }),
  );
  const [first, second] = results;
  if (first === undefined) return undecided('nothing is known of the payload', mode);
  if (second !== undefined && second.result !== first.result) {
    return undecided(`it depends on what the bytes are: ${first.why} ${second.why}`, mode);
  }
  const handledAs =
    second === undefined || second.handledAs === first.handledAs ? (first.handledAs ?? 'unknown') : 'unknown';
  const outcome = outcomeOf(question, first);
  return {
    outcome,
    handledAs: handledAs === 'passthrough' ? 'unknown' : handledAs,
    mode,
    why: whyOf(question, first, outcome),
    evidence: mode.evidence,
  };
}

function outcomeOf(question: Question, { result, tlsTerminated }: InboundResult): Inbound['outcome'] {
  if (result === 'accept') return passedOn(question, tlsTerminated);
  return result === 'reject' ? 'refused' : 'unknown';
}

function whyOf({ mode }: Question, { result, why }: InboundResult, outcome: Inbound['outcome']): string {
  if (result === 'accept' && outcome === 'unknown') return ADDED_TLS;
  return result === 'reject' ? `${why} (mode ${mode})` : why;
}

/** TLS that the proxy hands on unopened: mesh mTLS no application reads, and other TLS only one that serves it. */
function passedOn({ wire, arrival }: Question, tlsTerminated: boolean): Inbound['outcome'] {
  if (tlsTerminated || wire === 'plaintext') return 'accepted';
  if (wire === 'mtls') return 'refused';
  return arrival.payload === 'tls' ? 'accepted' : 'unknown';
}

function possiblePayloads(arrival: Arrival, declared: DeclaredPort): readonly InboundConnection['payload'][] {
  if (arrival.payload === 'http') return ['http'];
  if (arrival.payload === 'tcp' || arrival.payload === 'tls') return ['tcp'];
  return declared === 'HTTP' ? ['http'] : declared === 'TCP' ? ['tcp'] : ['http', 'tcp'];
}

function stall({ mode, declared, arrival, wire }: Question, portMode: PortMode): Inbound | undefined {
  if (wire === 'tls' || arrival.payload === 'http') return undefined;
  if (arrival.serverFirst.known && !arrival.serverFirst.value) return undefined;
  const { result, why } = serverFirstResult({ declared, serverMode: mode, client: wire });
  if (result === 'ok') return undefined;
  if (!arrival.serverFirst.known) {
    // A port that is declared HTTP, and a call that is refused anyway, fare alike whoever speaks first.
    if (result === 'reject' || declared === 'HTTP') return undefined;
    return undecided(`${arrival.serverFirst.reason}; if it is the server, it stalls: ${why}`, portMode);
  }
  return {
    outcome: 'refused',
    handledAs: 'unknown',
    mode: portMode,
    why: `server-first protocol ${result}: ${why}`,
    evidence: portMode.evidence,
  };
}

function undecided(why: string, mode: PortMode): Inbound {
  return { outcome: 'unknown', handledAs: 'unknown', mode, why, evidence: mode.evidence };
}
