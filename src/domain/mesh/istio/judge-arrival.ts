import type { Arrival, Inbound, PortMode } from '../mesh.ts';
import { ADDED_TLS } from '../unmeshed.ts';
import {
  inboundResult,
  type DeclaredPort,
  type InboundConnection,
  type InboundResult,
} from './mtls/inbound-filter-chain.ts';
import type { MtlsMode } from './mtls/peer-authentication.ts';
import { serverFirstResult } from './protocol/server-first.ts';

/** What arrives at a port, with what the proxy knows of it. */
export interface JudgeQuestion {
  readonly mode: MtlsMode;
  readonly declared: DeclaredPort;
  readonly arrival: Arrival;
  readonly wire: InboundConnection['wire'];
}

/** What a proxy makes of what arrives, by the mode in force; where the payload is not known, both readings must agree. */
export function judgeArrival(question: JudgeQuestion, mode: PortMode): Inbound {
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

function outcomeOf(question: JudgeQuestion, { result, tlsTerminated }: InboundResult): Inbound['outcome'] {
  if (result === 'accept') return passedOn(question, tlsTerminated);
  return result === 'reject' ? 'refused' : 'unknown';
}

function whyOf({ mode }: JudgeQuestion, { result, why }: InboundResult, outcome: Inbound['outcome']): string {
  if (result === 'accept' && outcome === 'unknown') return ADDED_TLS;
  return result === 'reject' && !why.includes(`mode ${mode}`) ? `${why} (mode ${mode})` : why;
}

/** TLS that the proxy hands on unopened: mesh mTLS no application reads, and other TLS only one that serves it. */
function passedOn({ wire, arrival }: JudgeQuestion, tlsTerminated: boolean): Inbound['outcome'] {
  if (tlsTerminated || wire === 'plaintext') return 'accepted';
  if (wire === 'mtls') return 'refused';
  return arrival.payload === 'tls' ? 'accepted' : 'unknown';
}

function possiblePayloads(arrival: Arrival, declared: DeclaredPort): readonly InboundConnection['payload'][] {
  if (arrival.payload === 'http') return ['http'];
  if (arrival.payload === 'tcp' || arrival.payload === 'tls') return ['tcp'];
  return declared === 'HTTP' ? ['http'] : declared === 'TCP' ? ['tcp'] : ['http', 'tcp'];
}

function stall({ mode, declared, arrival, wire }: JudgeQuestion, portMode: PortMode): Inbound | undefined {
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

/** An answer that is not known, for the reason given. */
export function undecided(why: string, mode: PortMode): Inbound {
  return { outcome: 'unknown', handledAs: 'unknown', mode, why, evidence: mode.evidence };
}
