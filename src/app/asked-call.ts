import { callId, formatSource, formatTarget, type CallEnds } from '../domain/calls/call-id.ts';
import { strongestEvidence, type Call, type CallEvidence, type CallSource } from '../domain/calls/call.ts';
import { usageError, type AppError } from '../lib/errors.ts';
import { sortedUnique } from '../lib/order.ts';
import { clientNamed, targetNamed, type KnownCalls } from './asked-ends.ts';

/** One call as somebody typed it, with what is known of the request. */
export interface TypedCall {
  /** `CLIENT:SERVICE:PORT`, or the id of a call that is known: `shop/Deployment/cart->shop/Service/payments:8080`. */
  readonly text: string;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
}

/**
 * The one call that was asked for: `[NS/][KIND/]NAME` or an outsider, then `[NS/]NAME` of a Service, a workload or a
 * host, then a port; or the id of a known call. Where the graph has this very call, it is that call, with all that was
 * seen of it; else what is known of calls between the same ends goes with it; nothing needs to be. Throws a usage error,
 * with the choices, where an end is none or may be several.
 */
export function askedCall(known: KnownCalls, typed: TypedCall): Call {
  refuseEmpty(typed);
  const text = typed.text.trim();
  const isBare = typed.method === undefined && typed.path === undefined;
  const named = isBare ? known.graph.calls.find(({ id }) => id === text) : undefined;
  return named ?? knownCall(known, endsOf(known, { ...typed, text }));
}

function refuseEmpty({ method, path }: TypedCall): void {
  if (method !== undefined && method.trim() === '') throw usageError('bad-call', '--method is empty', 'leave it out');
  if (path !== undefined && path.trim() === '') throw usageError('bad-call', '--path is empty', 'leave it out');
}

function endsOf(known: KnownCalls, { text, method, path }: TypedCall): CallEnds {
  const [, client, service, port] = /^([^:]+):(.+):(\d{1,5})$/.exec(withColon(text)) ?? [];
  if (client === undefined || service === undefined) throw notACall(text);
  const from = clientNamed(known, client);
  const namespace = from.kind === 'workload' ? from.workload.namespace : undefined;
  const to = targetNamed(known, { service, port: Number(port), namespace });
  const phase = from.kind === 'outsider' && from.who === 'kubelet' ? 'probe' : 'run';
  const request = {
    ...(method === undefined ? {} : { method: method.trim().toUpperCase() }),
    ...(path === undefined ? {} : { path }),
  };
  return { from, to, phase, ...(Object.keys(request).length === 0 ? {} : { request }) };
}

/** Ids and sentences write an arrow, or a word, where the flag has a colon. */
function withColon(text: string): string {
  return text.replace(/^([^:]*?)(?:\s*->\s*|\s+to\s+)/, '$1:');
}

/** The call of these ends as the graph has it; of callers that have no names, with what was seen of any of them. */
function knownCall({ graph }: KnownCalls, ends: CallEnds): Call {
  const id = callId(ends);
  const alike = graph.calls.filter(
    (call) =>
      call.phase === ends.phase &&
      isSameSource(call.from, ends.from) &&
      formatTarget(call.to) === formatTarget(ends.to),
  );
  const own = alike.find((call) => call.id === id);
  if (own !== undefined && ends.from.kind === 'workload') return own;
  const protocol = own?.protocol ?? protocolOf(alike);
  // What is on the wire is the same for every request between two ends.
  const doubt = own?.doubt ?? alike.find((call) => call.doubt !== undefined)?.doubt;
  return {
    id,
    ...ends,
    ...(protocol === undefined ? {} : { protocol }),
    evidence: evidenceOf(alike, ends),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** Callers of one kind from outside are told apart by remarks that nobody types. */
function isSameSource(left: CallSource, right: CallSource): boolean {
  if (left.kind === 'outsider' && right.kind === 'outsider') return left.who === right.who;
  return formatSource(left) === formatSource(right);
}

/** The protocol that all that is known of such calls agrees on, by the strongest evidence. */
function protocolOf(alike: readonly Call[]): string | undefined {
  const known = alike.filter((call) => strongestEvidence(call) !== 'inferred');
  const [only, second] = sortedUnique((known.length > 0 ? known : alike).flatMap(({ protocol }) => protocol ?? []));
  return second === undefined ? only : undefined;
}

/** Who saw a POST did not see a GET; what was seen on the wire holds for both. */
function evidenceOf(alike: readonly Call[], { from, request }: CallEnds): readonly CallEvidence[] {
  return alike.flatMap((call) =>
    mayBe(call.request, request)
      ? call.evidence
      : call.evidence.filter(({ wire }) => wire === 'plaintext' && from.kind === 'outsider'),
  );
}

function mayBe(seen: Call['request'], asked: Call['request']): boolean {
  const isEqual = (left: string | undefined, right: string | undefined): boolean =>
    left === undefined || right === undefined || left === right;
  return isEqual(seen?.method?.toUpperCase(), asked?.method) && isEqual(seen?.path, asked?.path);
}

function notACall(text: string): AppError {
  return usageError(
    'bad-call',
    `--call ${text.slice(0, 100)} is not a call`,
    'write it as CLIENT:SERVICE:PORT, such as shop/cart:shop/payments:8080',
  );
}
