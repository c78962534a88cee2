import type { Call } from '../calls/call.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import type { Arrival, Payload, Wire } from '../mesh/mesh.ts';
import { derivedFrom, oncePer } from '../world/derived.ts';
import type { Fact } from '../world/fact.ts';
import { payloadOf, speaksHttp2 } from './payload.ts';
import { speaksFirst } from './server-first.ts';

/** What distinguishes a call from others to the same server beside its client, its path and its method. */
export interface Manner {
  readonly sender: Arrival['sender'];
  /** What the calling application is said to speak. */
  readonly payload: Payload;
  /** What it does speak, where who calls tells more. */
  readonly sent: Payload;
  readonly serverFirst: Fact<boolean>;
  readonly hook: boolean;
  readonly http2: boolean;
}

/** The manner of a call to a server: one object for all calls that are alike. */
export function mannerOf(call: Call, server: CallServer): Manner {
  const manners = derivedFrom(server, noneYet);
  const key = keyOf(call);
  const kept = manners.get(key) ?? findManner(call, server);
  manners.set(key, kept);
  return kept;
}

function noneYet(): Map<string, Manner> {
  return new Map();
}

/** Names all of a call that its manner depends on. */
function keyOf({ from, phase, request, protocol }: Call): string {
  const who = from.kind === 'workload' ? '' : `${from.who} ${phase}`;
  return `${who}/${request === undefined ? '' : 'request'}/${protocol === undefined ? '' : `=${protocol}`}`;
}

function findManner(call: Call, server: CallServer): Manner {
  const payload = payloadOf(call.protocol, server.servicePort);
  // The API server speaks TLS itself, whatever the port is called.
  const isApiserver = call.from.kind === 'outsider' && call.from.who === 'apiserver';
  return {
    sender: senderOf(call),
    payload,
    sent: isApiserver ? 'tls' : payload,
    serverFirst: speaksFirst(call, server),
    hook: isHook(call),
    http2: speaksHttp2(call.protocol, server.servicePort),
  };
}

function senderOf({ from }: Call): Arrival['sender'] {
  if (from.kind === 'workload') return 'workload';
  return from.who === 'kubelet' ? 'kubelet' : 'outsider';
}

/** The kubelet calls pods outside of probes only where a container's lifecycle says so. */
function isHook({ from, phase }: Call): boolean {
  return from.kind === 'outsider' && from.who === 'kubelet' && phase !== 'probe';
}

/** What reaches the server of a call of that manner, with that on the wire: one object for all that are alike. */
export const arrivalOf = oncePer(
  ({ sender, sent, serverFirst, hook, http2 }: Manner, wire: Wire | 'unknown'): Arrival => ({
    sender,
    wire,
    payload: sent,
    serverFirst,
    ...(hook ? { hook } : {}),
    ...(http2 ? { http2 } : {}),
  }),
);
