import type { Call, CallEvidence } from '../calls/call.ts';
import { isObservation } from '../calls/sightings.ts';
import { compareVerdicts, cutsCalls, type Fate } from './verdict.ts';

const SECURED: ReadonlySet<string> = new Set(['mtls', 'hbone']);

/** Whether all pairs of cohorts are said to have mutual TLS of a mesh on the wire. */
export function isSecured({ wire }: Fate): boolean {
  return SECURED.has(wire);
}

/** Whether somebody saw the call in plaintext; what is only probable was not seen. */
export function sawPlaintext(evidence: CallEvidence): boolean {
  return evidence.wire === 'plaintext' && isObservation(evidence);
}

/** The same call as it was seen: in plaintext, from somebody who shows no identity. */
export function asPlaintext({ doubt: _doubt, ...call }: Call): Call {
  return { ...call, from: { kind: 'outsider', who: 'node' }, evidence: [] };
}

/**
 * Whether plaintext was seen where the fate has something else on the wire: where a proxy should send mutual TLS, or
 * where nobody knows the caller. What was seen is sure, whatever the caller may send besides.
 */
export function contradictsSightings(fate: Fate, { from, doubt, evidence }: Call): boolean {
  if (doubt !== undefined) return isSecured(fate) && !cutsCalls(fate.verdict);
  return fate.wire === 'unknown' && from.kind === 'outsider' && from.who === 'unknown' && evidence.some(sawPlaintext);
}

/** The fate together with that of the plaintext which was seen: what breaks of that breaks for some calls at least. */
export function withSeen(fate: Fate, seen: Fate, { doubt, evidence }: Call): Fate {
  const watched = evidence.filter(isObservation);
  const isAll = doubt === undefined && watched.every(sawPlaintext);
  const why = `${doubt ?? 'plaintext was seen on it, from nobody known'}: ${seen.why}`;
  if (isAll) return { ...seen, why };
  const verdict = cutsCalls(seen.verdict) ? 'partial' : fate.verdict;
  const worst = compareVerdicts(seen.verdict, verdict) > 0 && !cutsCalls(seen.verdict) ? seen.verdict : verdict;
  const { authorization, decidedBy } = seen;
  return { ...fate, verdict: worst, wire: 'plaintext', identity: 'none', authorization, why, decidedBy };
}
