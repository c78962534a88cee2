import { formatSource, formatTarget } from '../domain/calls/call-id.ts';
import type { Call, CallGraph } from '../domain/calls/call.ts';
import type { CallCoverage } from '../domain/calls/coverage.ts';
import { formatRef } from '../domain/kubernetes/object.ts';
import type { Followed, FollowedCall } from '../domain/simulate/followed.ts';
import type { Fate } from '../domain/simulate/verdict.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import type { Tone } from './document.ts';

/** What a rendering needs of a simulation's result. */
export type SimulationView = ResultHead &
  Followed & {
    readonly callCoverage: CallCoverage;
    readonly unresolved: CallGraph['unresolved'];
  };

const SHOWN_UNRESOLVED = 10;

/** What could not be used to find calls: a sentence with the count, then the first few; nothing where all was used. */
export function unresolvedLines({ unresolved }: Pick<SimulationView, 'unresolved'>): readonly string[] {
  if (unresolved.length === 0) return [];
  const shown = unresolved.slice(0, SHOWN_UNRESOLVED).map(({ source, reason }) => `${source}: ${reason}`);
  const hidden = unresolved.length - shown.length;
  return [
    `Mentions of calls that were not understood in full: ${String(unresolved.length)}. These calls are unknown, or missing:`,
    ...shown,
    ...(hidden > 0 ? [`and ${String(hidden)} more (-o json lists them)`] : []),
  ];
}

/** The objects and fields that decide, each once, as people write them. */
export function decidersOf(fate: Fate): readonly string[] {
  const named = fate.decidedBy.flatMap(({ object, field, value }) => {
    if (object === undefined) return [];
    const what = field === undefined ? '' : ` ${field}${value === undefined ? '' : `=${value}`}`;
    return [`${formatRef(object)}${what}`];
  });
  return [...new Set(named)];
}

/** Why the call fares so, without the pods that it was looked at for. */
export function whyAlone({ why }: Fate): string {
  return modeOnce(why.replace(/ \([^()]* to [^()]*\)(?=$|;)/, ''));
}

/** The sentence without a mode in brackets that it names already: `In mode STRICT ... (mode STRICT)`. */
export function modeOnce(why: string): string {
  return why.replace(/(\bmode (\w+)\b[^();]*?)(?: \(mode \2\))+/g, '$1');
}

/** Who calls whom, in which phase and with which request. */
export function callWords({ call, probable }: Pick<FollowedCall, 'call' | 'probable'>): string {
  return `${formatSource(call.from)} to ${formatTarget(call.to)}${detailWords(call)}${probable ? ' (probable)' : ''}`;
}

function detailWords({ phase, request }: Call): string {
  const asked = [request?.method, request?.path].filter((part) => part !== undefined).join(' ');
  return `${phase === 'run' ? '' : ` (${phase})`}${asked === '' ? '' : `, ${asked}`}`;
}

/** The verdict with what is on the wire: `breaks, plaintext`, and for how many pairs of pod groups if not for all. */
export function fateWords(fate: Fate): string {
  const { looked, broken } = fate.cohorts;
  const share = broken > 0 && broken < looked ? ` for ${String(broken)} of ${String(looked)} pairs of pod groups` : '';
  return `${fate.verdict}${share}, ${wireWords(fate)}`;
}

/** The fate before and after, with what of identity and authorization differs. */
export function changeWords(before: Fate, after: Fate): string {
  const [from, to] = [fateWords(before), fateWords(after)];
  const differing = [
    ...(from === to ? [] : [`${from} -> ${to}`]),
    ...(before.identity === after.identity || (from !== to && isMixed(before, after))
      ? []
      : [`as ${identityName(before)} -> as ${identityName(after)}`]),
    ...(before.authorization === after.authorization || from !== to
      ? []
      : [`authorization ${before.authorization} -> ${after.authorization}`]),
  ];
  return differing.length === 0 ? `${from}; decided by other objects` : differing.join('; ');
}

/** With more than one wire the identity is that of one pair of pods, and not of the same one before and after. */
function isMixed(before: Fate, after: Fate): boolean {
  return before.wires !== undefined || after.wires !== undefined;
}

function wireWords({ wire, wires }: Fate): string {
  const names = wires === undefined ? [wire] : Object.keys(wires);
  return names.map(wireName).join(' or ');
}

function identityName({ identity }: Fate): string {
  if (identity === 'none') return 'nobody';
  return identity === 'unknown' ? 'somebody unknown' : identity;
}

function wireName(wire: string): string {
  switch (wire) {
    case 'mtls':
      return 'mutual TLS';
    case 'plaintext':
      return 'plaintext';
    case 'unknown':
      return 'wire not known';
    case 'hbone':
      return 'HBONE';
    case 'tls':
      return 'TLS of its own';
    default:
      return wire;
  }
}

/** How good or bad a verdict is. */
export function toneOf(verdict: Fate['verdict']): Tone {
  if (verdict === 'breaks' || verdict === 'partial') return 'bad';
  return verdict === 'ok' ? 'good' : 'warn';
}
