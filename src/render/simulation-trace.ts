import type { CallEvidence } from '../domain/calls/call.ts';
import type { CallTrace, TracedPair, TracePart, TraceStep } from '../domain/simulate/trace.ts';
import type { Evidence } from '../domain/world/evidence.ts';
import type { Item, Part } from './document.ts';
import { callWords, fateWords, modeOnce, toneOf, whyAlone, type SimulationView } from './simulation-lines.ts';
import { evidenceWords, whereWords } from './words.ts';

const PART_WORDS: Readonly<Record<TracePart, string>> = {
  client: 'client',
  server: 'server',
  outbound: 'sent',
  'network-policy': 'network policies',
  relay: 'relay',
  inbound: 'arrives',
  authorization: 'authorization',
};

/** The call step by step, world by world: each step with its rule, the object and field behind it, and the rule's source. */
export function traceParts(result: SimulationView, traces: readonly CallTrace[]): readonly Part[] {
  const [call] = result.calls;
  const evidence = call?.call.evidence ?? [];
  const known =
    evidence.length === 0
      ? 'nothing shows that this call is made'
      : `evidence: ${evidence.map(sourceWords).join(', ')}`;
  return [
    ...(call === undefined
      ? []
      : [{ part: 'text' as const, text: `${callWords({ ...call, probable: false })}; ${known}` }]),
    ...traces.flatMap((trace) => worldParts(trace, result.worlds.length)),
  ];
}

function sourceWords({ kind, source }: CallEvidence): string {
  return `${kind} ${kind === 'inferred' ? 'from' : 'in'} ${source}`;
}

function worldParts({ world, fate, pairs }: CallTrace, worlds: number): readonly Part[] {
  const where = worlds === 1 ? '' : `${world}: `;
  return [
    { part: 'heading', text: `${where}${fateWords(fate)}` },
    { part: 'text', text: whyAlone(fate), tone: toneOf(fate.verdict) },
    ...(pairs.length === 0
      ? []
      : [{ part: 'list' as const, items: pairs.map((pair) => pairItem(pair, fate.cohorts.looked)) }]),
  ];
}

function pairItem({ client, server, verdict, alike, steps }: TracedPair, pairs: number): Item {
  const share = alike === pairs ? `all ${String(pairs)}` : `${String(alike)} of ${String(pairs)}`;
  const of = pairs === 1 ? '' : ` (so for ${share} pairs of pod groups)`;
  return {
    text: `${client} to ${server}: ${verdict}${of}`,
    tone: toneOf(verdict),
    items: steps.map(stepItem),
  };
}

/** Evidence that names no object and says the same again adds no more than its source. */
function stepItem({ part, outcome, why, evidence }: TraceStep): Item {
  const isSaidAgain = (each: Evidence): boolean => whereWords(each) === '' && each.rule === why;
  const sources = evidence.filter(isSaidAgain).flatMap(({ source }) => source ?? []);
  const from = sources.length === 0 ? '' : ` (${sources.join(', ')})`;
  return {
    text: `${PART_WORDS[part]}: ${outcome === '' ? '' : `${outcome}; `}${modeOnce(why)}${from}`,
    items: evidence.filter((each) => !isSaidAgain(each)).map((each) => ({ text: evidenceWords(each) })),
  };
}
