import type { Evidence } from '../world/evidence.ts';
import { cutsCalls, type Fate } from './verdict.ts';

/**
 * How a call's fate differs between two worlds, worst first: it breaks where it did not, or for more pods; nobody can
 * tell any more; it fares alike and is less protected on the wire; it works worse; it works better; it fares alike and is
 * better protected; it fares alike by another way (wire, identity, authorization or deciding object).
 */
export const FATE_CHANGES = ['broken', 'unknown', 'weaker', 'degraded', 'mended', 'stronger', 'otherwise'] as const;

export type FateChange = (typeof FATE_CHANGES)[number];

/** How the fate differs after a change from what it was before; undefined where it is the same in all that counts. */
export function changeBetween(before: Fate, after: Fate): FateChange | undefined {
  if (before === after) return undefined;
  if (breaksMore(before, after)) return 'broken';
  if (before.verdict === after.verdict) return sameVerdict(before, after);
  if (after.verdict === 'unknown') return 'unknown';
  if (after.verdict === 'degraded' && !cutsCalls(before.verdict)) return 'degraded';
  return 'mended';
}

/** Whether a call is cut for pods for which it was not: it breaks now, or for all, or for a greater part of the pairs. */
export function breaksMore(before: Fate, after: Fate): boolean {
  if (!cutsCalls(after.verdict)) return false;
  if (!cutsCalls(before.verdict)) return true;
  if (after.verdict !== before.verdict) return after.verdict === 'breaks';
  return after.cohorts.broken * before.cohorts.looked > before.cohorts.broken * after.cohorts.looked;
}

function sameVerdict(before: Fate, after: Fate): FateChange | undefined {
  const [was, is] = [weakest(before), weakest(after)];
  if (is < was) return 'weaker';
  // Of a wire that is not known nobody can say that it protects better, or that another does.
  if (is > was && is !== UNKNOWN_WIRE && was !== UNKNOWN_WIRE) return 'stronger';
  return sameWay(before, after) ? undefined : 'otherwise';
}

const UNKNOWN_WIRE = 1;

const PROTECTION: Readonly<Record<string, number>> = { plaintext: 0, unknown: UNKNOWN_WIRE, tls: 2, hbone: 3, mtls: 3 };

/** How well the least protected pair of pods is protected on the wire. */
function weakest({ wire, wires }: Fate): number {
  return Math.min(...[wire, ...Object.keys(wires ?? {})].map((name) => PROTECTION[name] ?? UNKNOWN_WIRE));
}

function sameWay(before: Fate, after: Fate): boolean {
  return (
    before.wire === after.wire &&
    before.identity === after.identity &&
    before.authorization === after.authorization &&
    wiresOf(before) === wiresOf(after) &&
    sameDeciders(before.decidedBy, after.decidedBy)
  );
}

/** Which wires there are; of how many pairs changes with every restart. */
function wiresOf({ wires }: Fate): string {
  return Object.keys(wires ?? {}).join(' ');
}

/** Most are the same in the same order, which is quicker to see than to write down. */
function sameDeciders(before: readonly Evidence[], after: readonly Evidence[]): boolean {
  if (before === after) return true;
  const isSame = before.length === after.length && before.every((each, index) => isAlike(each, after[index]));
  return isSame || decidersOf(before) === decidersOf(after);
}

function isAlike(left: Evidence, right: Evidence | undefined): boolean {
  if (left === right) return true;
  return (
    left.field === right?.field &&
    left.value === right?.value &&
    left.object?.kind === right?.object?.kind &&
    left.object?.namespace === right?.object?.namespace &&
    left.object?.name === right?.object?.name
  );
}

function decidersOf(decidedBy: readonly Evidence[]): string {
  const named = decidedBy.filter(({ object }) => object !== undefined);
  return [...new Set(named.map(deciderOf))].sort().join('\n');
}

function deciderOf({ object, field, value }: Evidence): string {
  return JSON.stringify([object?.kind, object?.namespace, object?.name, field, value]);
}
