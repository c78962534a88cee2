import { formatSource, formatTarget } from '../domain/calls/call-id.ts';
import { strongestEvidence, type CallEvidence } from '../domain/calls/call.ts';
import type { StoryCall } from '../domain/inventory/workload-story.ts';
import { compareBy } from '../lib/order.ts';
import type { Item, Tone } from './document.ts';
import { countOf, evidenceWords } from './words.ts';

const FEW_CALLS = 20;

/** Calls as list items, the worst first; of many the first twenty unless all are wanted. */
export function storyCallItems(calls: readonly StoryCall[], end: 'from' | 'to', wide: boolean): readonly Item[] {
  const sorted = [...calls].sort(
    compareBy(
      ({ outcome }) => String(VERDICTS.indexOf(outcome.verdict)),
      ({ call }) => String(EVIDENCE.indexOf(strongestEvidence(call))),
      ({ call }) => call.id,
    ),
  );
  const shown = wide ? sorted : sorted.slice(0, FEW_CALLS);
  const more = sorted.length - shown.length;
  const items = shown.map((call) => callItem(call, end, wide));
  if (calls.length === 0) {
    return [{ text: end === 'from' ? 'nobody is known to' : 'nobody that is known' }];
  }
  return more <= 0 ? items : [...items, { text: `and ${countOf(more, 'call')} more (-o wide lists them)` }];
}

const VERDICTS = ['breaks', 'partial', 'unknown', 'degraded', 'ok'];
const EVIDENCE = ['observed', 'exercised', 'declared', 'inferred'];

function callItem({ call, outcome }: StoryCall, end: 'from' | 'to', wide: boolean): Item {
  const who = end === 'from' ? `${formatSource(call.from)} to ${formatTarget(call.to)}` : formatTarget(call.to);
  const phase = call.phase === 'run' ? '' : ` (${call.phase})`;
  const speaks = call.protocol === undefined ? '' : `, ${call.protocol}`;
  const identity = outcome.identity === 'none' || outcome.identity === 'unknown' ? '' : ` as ${outcome.identity}`;
  return {
    text: `${who}${phase}${speaks}: ${outcome.verdict}, ${wireWords(outcome.wire)}${identity}; ${known(call.evidence)}`,
    tone: toneOf(outcome.verdict),
    items: [
      ...(outcome.verdict === 'ok' && !wide ? [] : [{ text: outcome.why }]),
      ...(wide ? outcome.decidedBy.map((evidence) => ({ text: evidenceWords(evidence) })) : []),
      ...(wide ? call.evidence.map(({ kind, source, detail }) => ({ text: `${kind} in ${source}: ${detail}` })) : []),
    ],
  };
}

/** How the call is known: by the kinds of evidence, how often and when last it was seen. */
function known(evidence: readonly CallEvidence[]): string {
  const kinds = EVIDENCE.filter((kind) => evidence.some((each) => each.kind === kind));
  const count = evidence.reduce((sum, each) => sum + (each.count ?? 0), 0);
  const last = evidence
    .flatMap(({ lastSeen }) => lastSeen ?? [])
    .sort()
    .at(-1);
  return [
    kinds.join(' and '),
    ...(count === 0 ? [] : [countOf(count, 'time')]),
    ...(last === undefined ? [] : [`last seen ${last}`]),
  ].join(', ');
}

function wireWords(wire: string): string {
  if (wire === 'mtls') return 'mutual TLS';
  return wire === 'unknown' ? 'the wire is not known' : wire;
}

function toneOf(verdict: StoryCall['outcome']['verdict']): Tone {
  if (verdict === 'breaks' || verdict === 'partial') return 'bad';
  return verdict === 'ok' ? 'plain' : 'warn';
}
