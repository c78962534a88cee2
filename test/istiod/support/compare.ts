import type { PairFate } from '../../../src/domain/simulate/pair-fate.ts';
import type { IstiodAnswer } from './ask-istiod.ts';

/** How one question about a call was answered by both; `unknown` is ours alone. */
export interface Compared {
  readonly question: 'works' | 'wire' | 'identity' | 'accepted' | 'allowed';
  readonly verdict: 'agreed' | 'unknown' | 'differs';
  readonly ours: string;
  readonly theirs: string;
  /** Our reason, where we do not know. */
  readonly why: string;
}

/** Every question that both sides can answer about a call. What follows a call that never arrives is not asked. */
export function compare(ours: PairFate, theirs: IstiodAnswer): readonly Compared[] {
  const { outbound, inbound, authorization, verdict } = ours;
  const works = compared('works', {
    ours: { ok: 'yes', degraded: 'yes', breaks: 'no', partial: 'unknown', unknown: 'unknown' }[verdict],
    theirs: yesNo(theirs.accepted && theirs.allowed),
    why: whyUnknown(ours),
  });
  if (theirs.wire === 'lost') return [works];
  const wire = compared('wire', { ours: outbound.wire, theirs: theirs.wire, why: outbound.why });
  const identity = compared('identity', {
    ours: outbound.identity.known ? (outbound.identity.value ?? 'none') : 'unknown',
    theirs: theirs.identity === '' ? 'none' : theirs.identity,
    why: outbound.why,
  });
  const accepted = compared('accepted', {
    ours: { accepted: 'yes', degraded: 'yes', refused: 'no', unknown: 'unknown' }[inbound.outcome],
    theirs: yesNo(theirs.accepted),
    why: inbound.why,
  });
  if (!theirs.accepted || inbound.outcome === 'refused') return [works, wire, identity, accepted];
  const allowed = compared('allowed', {
    ours: { allow: 'yes', deny: 'no', unknown: 'unknown' }[authorization.decision],
    theirs: yesNo(theirs.allowed),
    why: authorization.why,
  });
  return [works, wire, identity, accepted, allowed];
}

/** The reason of the first answer on the way that is not known; of the server where all are. */
function whyUnknown({ outbound, inbound, authorization }: PairFate): string {
  if (outbound.wire === 'unknown') return outbound.why;
  if (outbound.mayStall !== undefined) return outbound.mayStall;
  return authorization.decision === 'unknown' && inbound.outcome !== 'unknown' ? authorization.why : inbound.why;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function compared(question: Compared['question'], answers: Pick<Compared, 'ours' | 'theirs' | 'why'>): Compared {
  const { ours, theirs } = answers;
  const verdict = ours === 'unknown' ? 'unknown' : ours === theirs ? 'agreed' : 'differs';
  return { question, verdict, ...answers };
}
