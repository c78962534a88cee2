import type { Outbound } from '../mesh/mesh.ts';
import type { CohortPair } from './cohort-pairs.ts';
import type { PairFate } from './pair-fate.ts';
import { compareVerdicts, verdictOverCohorts, type Fate } from './verdict.ts';

/** What a call comes to over pairs of cohorts. */
export interface PairSummary {
  /** Its reason names no cohorts. */
  readonly fate: Fate;
  readonly pair: CohortPair;
}

/** The fate of a call over its pairs of cohorts, and the pair that it is told of: of the heaviest the first. */
export function summarize(pairs: readonly CohortPair[]): PairSummary {
  const verdict = verdictOverCohorts(pairs.map(({ fate }) => fate.verdict));
  const pair = pairs.reduce((heaviest, each) => (isWorse(each.fate, heaviest.fate) ? each : heaviest));
  const worst = pair.fate;
  const { outbound, inbound, authorization } = worst;
  const fate: Fate = {
    verdict,
    wire: outbound.wire,
    ...wiresOf(pairs),
    identity: outbound.identity.known ? (outbound.identity.value ?? 'none') : 'unknown',
    authorization: authorization.decision,
    why: decisiveWhy(worst),
    decidedBy: [...outbound.evidence, ...inbound.evidence, ...authorization.evidence],
    cohorts: { looked: pairs.length, broken: countOf(pairs, 'breaks'), unknown: countOf(pairs, 'unknown') },
  };
  return { fate, pair };
}

/** By the verdict, then by what is on the wire: who asks for the weakest must not be told of another. */
function isWorse(pair: PairFate, than: PairFate): boolean {
  const heavier = compareVerdicts(pair.verdict, than.verdict);
  return heavier > 0 || (heavier === 0 && WEAKEST.indexOf(pair.outbound.wire) < WEAKEST.indexOf(than.outbound.wire));
}

const WEAKEST: readonly Outbound['wire'][] = ['plaintext', 'unknown', 'tls', 'hbone', 'mtls'];

function wiresOf(pairs: readonly CohortPair[]): Pick<Fate, 'wires'> {
  const wire = pairs[0]?.fate.outbound.wire;
  if (pairs.every(({ fate }) => fate.outbound.wire === wire)) return {};
  const found = WEAKEST.map((each) => [each, pairs.filter(({ fate }) => fate.outbound.wire === each).length] as const);
  return { wires: Object.fromEntries(found.filter(([, count]) => count > 0)) };
}

function countOf(pairs: readonly CohortPair[], verdict: PairFate['verdict']): number {
  let count = 0;
  for (const { fate } of pairs) if (fate.verdict === verdict) count += 1;
  return count;
}

function decisiveWhy({ outbound, inbound, authorization }: PairFate): string {
  if (outbound.stalls !== undefined) return outbound.stalls;
  if (inbound.outcome === 'refused') return inbound.why;
  if (authorization.decision === 'deny') return authorization.why;
  if (outbound.mayStall !== undefined) return outbound.mayStall;
  if (inbound.outcome === 'unknown') return outbound.wire === 'unknown' ? outbound.why : inbound.why;
  return authorization.decision === 'unknown' ? authorization.why : inbound.why;
}
