import type { CallTrace, TracedPair, TracePart } from '../domain/simulate/trace.ts';
import type { Item, Part } from './document.ts';
import { callWords, fateWords, toneOf, whyAlone, type SimulationView } from './simulation-lines.ts';
import { countOf, evidenceWords } from './words.ts';

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
      : `known by ${evidence.map(({ kind, source }) => `${kind} in ${source}`).join(', ')}`;
  return [
    ...(call === undefined
      ? []
      : [{ part: 'text' as const, text: `${callWords({ ...call, probable: false })}; ${known}` }]),
    ...traces.flatMap((trace) => worldParts(trace, result.worlds.length)),
  ];
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
  const of = pairs === 1 ? '' : ` (so for ${String(alike)} of ${countOf(pairs, 'pair')} of pod groups)`;
  return {
    text: `${client} to ${server}: ${verdict}${of}`,
    tone: toneOf(verdict),
    items: steps.map(({ part, outcome, why, evidence }) => ({
      text: `${PART_WORDS[part]}: ${outcome === '' ? '' : `${outcome}; `}${why}`,
      items: evidence.map((each) => ({ text: evidenceWords(each) })),
    })),
  };
}
