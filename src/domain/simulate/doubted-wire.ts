import type { Call } from '../calls/call.ts';
import { cutsCalls, type Fate } from './verdict.ts';

const SECURED: ReadonlySet<string> = new Set(['mtls', 'hbone']);

/** Whether all pairs of cohorts are said to have mutual TLS of a mesh on the wire. */
export function isSecured({ wire }: Fate): boolean {
  return SECURED.has(wire);
}

/** A fate that rests on mutual TLS is not known for a call on which something else was seen; others stay as they are. */
export function withDoubt(fate: Fate, { doubt }: Pick<Call, 'doubt'>): Fate {
  if (doubt === undefined || !isSecured(fate) || cutsCalls(fate.verdict)) return fate;
  const { authorization } = fate;
  return {
    ...fate,
    verdict: 'unknown',
    wire: 'unknown',
    identity: 'unknown',
    authorization: authorization === 'allow' ? 'unknown' : authorization,
    why: doubt,
  };
}
