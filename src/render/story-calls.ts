import { formatSource, formatTarget } from '../domain/calls/call-id.ts';
import { strongestEvidence, type Call, type CallEvidence } from '../domain/calls/call.ts';
import type { CallOutcome, StoryCall } from '../domain/inventory/workload-story.ts';
import { formatRef } from '../domain/kubernetes/object.ts';
import { compareBy, groupBy, sortedUnique } from '../lib/order.ts';
import type { Item, Tone } from './document.ts';
import { countOf, evidenceWords, firstFew, whereWords } from './words.ts';

const FEW_CALLS = 20;
const FEW_DECIDERS = 4;
const FEW_PATHS = 3;

/** Calls between the same ends that fare alike, told as one. */
interface ToldCall {
  readonly who: string;
  readonly calls: readonly Call[];
  readonly outcome: CallOutcome;
  readonly evidence: readonly CallEvidence[];
}

/** Calls as list items, the worst first; of many the first twenty unless all are wanted. */
export function storyCallItems(calls: readonly StoryCall[], end: 'from' | 'to', wide: boolean): readonly Item[] {
  const sorted = [...calls].sort(
    compareBy(
      ({ outcome }) => String(VERDICTS.indexOf(outcome.verdict)),
      ({ call }) => String(EVIDENCE.indexOf(strongestEvidence(call))),
      ({ call }) => call.id,
    ),
  );
  const told = toldOnce(sorted, end);
  const shown = wide ? told : told.slice(0, FEW_CALLS);
  const more = told.length - shown.length;
  const items = shown.map((call) => callItem(call, wide));
  if (calls.length === 0) {
    return [{ text: end === 'from' ? 'nobody is known to' : 'nobody that is known' }];
  }
  return more <= 0 ? items : [...items, { text: `and ${countOf(more, 'call')} more (-o wide lists them)` }];
}

const VERDICTS = ['breaks', 'partial', 'unknown', 'degraded', 'ok'];
const EVIDENCE = ['observed', 'exercised', 'declared', 'inferred'];

function toldOnce(calls: readonly StoryCall[], end: 'from' | 'to'): readonly ToldCall[] {
  const groups = groupBy(calls, ({ call, outcome: { decidedBy: _decidedBy, why, ...outcome } }) =>
    JSON.stringify([whoOf(call, end), call.phase, outcome, outcome.verdict === 'ok' ? '' : why]),
  );
  return [...groups.values()].flatMap((group): ToldCall[] => {
    const [first] = group;
    if (first === undefined) return [];
    const decidedBy = group.flatMap(({ outcome }) => outcome.decidedBy);
    return [
      {
        who: whoOf(first.call, end),
        calls: group.map(({ call }) => call),
        outcome: { ...first.outcome, decidedBy },
        evidence: group.flatMap(({ call }) => call.evidence),
      },
    ];
  });
}

function whoOf({ from, to }: Call, end: 'from' | 'to'): string {
  return end === 'from' ? `${formatSource(from)} to ${formatTarget(to)}` : formatTarget(to);
}

function callItem({ who, calls, outcome, evidence }: ToldCall, wide: boolean): Item {
  const phase = calls[0] === undefined || calls[0].phase === 'run' ? '' : ` (${calls[0].phase})`;
  const paths = sortedUnique(calls.flatMap(({ request }) => request?.path ?? []));
  const speaks = [
    ...sortedUnique(calls.flatMap(({ protocol }) => protocol ?? [])),
    ...(paths.length === 0 ? [] : [firstFew(paths, FEW_PATHS)]),
  ];
  const identity = outcome.identity === 'none' || outcome.identity === 'unknown' ? '' : ` as ${outcome.identity}`;
  const told = [`${who}${phase}`, ...speaks].join(', ');
  return {
    text: `${told}: ${outcome.verdict}, ${wireWords(outcome)}${identity}; ${known(evidence)}`,
    tone: toneOf(outcome.verdict),
    items: [
      ...(outcome.verdict === 'ok' && !wide ? [] : [{ text: outcome.why }]),
      ...(wide ? rulesOf(outcome) : decidersItem(outcome)),
      ...(wide ? evidence.map(({ kind, source, detail }) => ({ text: `${kind} in ${source}: ${detail}` })) : []),
    ],
  };
}

/** The objects that decide, with the field and its value, or with what the rule says where no value does. */
function decidersOf(evidence: CallOutcome['decidedBy']): readonly string[] {
  const named = evidence.flatMap((each) => {
    if (each.object === undefined) return [];
    const name = formatRef(each.object);
    return each.value === undefined && each.rule.startsWith(name) ? each.rule : whereWords(each);
  });
  return [...new Set(named)];
}

function rulesOf({ decidedBy }: CallOutcome): readonly Item[] {
  return [...new Set(decidedBy.map(evidenceWords))].map((text) => ({ text }));
}

function decidersItem(outcome: CallOutcome): readonly Item[] {
  const deciders = decidersOf(outcome.decidedBy);
  return deciders.length === 0 ? [] : [{ text: `decided by ${firstFew(deciders, FEW_DECIDERS)}` }];
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

/** Where pods of one end differ, for how many pairs of them it is what; the weakest first. */
function wireWords({ wire, wires }: CallOutcome): string {
  if (wires === undefined) return wire === 'unknown' ? 'the wire is not known' : wireName(wire);
  const all = Object.values(wires).reduce((sum, count) => sum + count, 0);
  const each = Object.entries(wires).map(([name, count]) => `${wireName(name)} for ${String(count)}`);
  return `${each.join(', ')} of ${String(all)} pairs of pod groups`;
}

function wireName(wire: string): string {
  if (wire === 'mtls') return 'mutual TLS';
  return wire === 'unknown' ? 'not known' : wire;
}

function toneOf(verdict: CallOutcome['verdict']): Tone {
  if (verdict === 'breaks' || verdict === 'partial') return 'bad';
  return verdict === 'ok' ? 'plain' : 'warn';
}
