import { compareBy, groupBy } from '../../lib/order.ts';
import { strongestEvidence, type Call, type CallEvidence } from './call.ts';

const RANK = { exercised: '0', observed: '1', declared: '2', inferred: '3' } as const;

/**
 * Calls with equal ends, phase and request made one, their evidence put together: strongest first, then by source;
 * equal evidence counts once. Where they name several protocols, the one with the strongest evidence stands. Sorted by id.
 */
export function mergeCalls(calls: readonly Call[]): readonly Call[] {
  const merged = [...groupBy(calls, (call) => call.id).values()].map(mergeEqual);
  return merged.sort(compareBy((call) => call.id));
}

function mergeEqual(calls: readonly Call[]): Call {
  const [first, ...others] = [...calls].sort(
    compareBy(
      (call) => RANK[strongestEvidence(call)],
      (call) => call.evidence[0]?.source ?? '',
      (call) => call.protocol ?? '',
    ),
  );
  if (first === undefined) throw new Error('no calls to merge');
  const protocol = [first, ...others].find((call) => call.protocol !== undefined)?.protocol;
  return {
    ...first,
    ...(protocol === undefined ? {} : { protocol }),
    evidence: mergeEvidence(calls.flatMap((call) => call.evidence)),
  };
}

function mergeEvidence(evidence: readonly CallEvidence[]): readonly CallEvidence[] {
  const unique = new Map(evidence.map((entry) => [keyOfEvidence(entry), entry]));
  return [...unique.values()].sort(
    compareBy(
      (entry) => RANK[entry.kind],
      (entry) => entry.source,
      (entry) => keyOfEvidence(entry),
    ),
  );
}

function keyOfEvidence(evidence: CallEvidence): string {
  const { kind, source, detail, count, firstSeen, lastSeen, wire, denied, seesUnmeshed, failurePolicy } = evidence;
  return JSON.stringify([kind, source, detail, count, firstSeen, lastSeen, wire, denied, seesUnmeshed, failurePolicy]);
}
