import type { Call } from '../calls/call.ts';
import { isAnnotatedScrape } from '../calls/declared-scrapes.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import type { Arrival, Payload } from '../mesh/mesh.ts';
import { oncePer } from '../world/derived.ts';
import type { Fact } from '../world/fact.ts';
import type { World } from '../world/world.ts';
import type { AlikeFates } from './kept-fates.ts';
import { payloadOf, speaksHttp2 } from '../calls/payload.ts';
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
  readonly annotated: boolean;
  readonly http2: boolean;
  /** What reaches the server, by what is on the wire. */
  readonly arrivals: Map<Arrival['wire'], Arrival>;
  /** What becomes of calls of the manner, by who makes them. */
  readonly fates: AlikeFates;
}

/** The manner of a call to a server of the world: one object for all calls that are alike. */
export function mannerOf(call: Call, server: CallServer, world: World): Manner {
  const manners = mannersIn(world, server);
  const key = keyOf(call);
  const kept = manners.get(key);
  if (kept !== undefined) return kept;
  const found = findManner(call, server);
  const manner = [...manners.values()].find((each) => isAlike(each, found)) ?? found;
  manners.set(key, manner);
  return manner;
}

function isAlike(left: Manner, right: Manner): boolean {
  const isSame = left.sender === right.sender && left.payload === right.payload && left.sent === right.sent;
  const isSaid = left.hook === right.hook && left.annotated === right.annotated && left.http2 === right.http2;
  return isSame && isSaid && isEqual(left.serverFirst, right.serverFirst);
}

function isEqual(left: Fact<boolean>, right: Fact<boolean>): boolean {
  if (left.known) return right.known && left.value === right.value;
  return !right.known && left.reason === right.reason;
}

const mannersIn = oncePer<World, CallServer, Map<string, Manner>>(() => new Map());

/** Names all of a call that its manner depends on. */
function keyOf(call: Call): string {
  const { from, phase, request, protocol } = call;
  const who = from.kind === 'workload' ? '' : `${from.who} ${phase}`;
  const asked = `${request === undefined ? '' : 'request'}${isAnnotatedScrape(call) ? ' annotated' : ''}`;
  return `${who}/${asked}/${protocol === undefined ? '' : `=${protocol}`}`;
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
    annotated: isAnnotatedScrape(call),
    http2: speaksHttp2(call.protocol, server.servicePort),
    arrivals: new Map<Arrival['wire'], Arrival>(),
    fates: new Map(),
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
export function arrivalOf(manner: Manner, wire: Arrival['wire']): Arrival {
  const kept = manner.arrivals.get(wire);
  if (kept !== undefined) return kept;
  const { sender, sent, serverFirst, hook, annotated, http2 } = manner;
  const arrival: Arrival = {
    sender,
    wire,
    payload: sent,
    serverFirst,
    ...(hook ? { hook } : {}),
    ...(annotated ? { annotated } : {}),
    ...(http2 ? { http2 } : {}),
  };
  manner.arrivals.set(wire, arrival);
  return arrival;
}
