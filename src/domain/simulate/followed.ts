import { sortedUnique } from '../../lib/order.ts';
import { isKnownCall, type Call, type EvidenceKind } from '../calls/call.ts';
import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { answering } from './answering.ts';
import { changeBetween, FATE_CHANGES, type FateChange } from './fate-change.ts';
import { isOkEverywhere, type NamedWorld, type SimulatedCall } from './simulate.ts';
import type { CallTrace } from './trace.ts';
import type { Fate, Verdict } from './verdict.ts';

/** A call with its fates, and what is needed to tell of them. */
export interface FollowedCall extends SimulatedCall {
  /** Whether nothing but a name in configuration says that it is made. */
  readonly probable: boolean;
  /** Who answers in the last world, as `shop/Deployment/cart:8080`, sorted. */
  readonly servers: readonly string[];
  /** For each world after the first, how the fate differs from the one in the world before it. */
  readonly changes: readonly (FateChange | 'kept')[];
}

/** What changes from one world to the next. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly counts: Readonly<Record<FateChange, number>>;
  /** Calls that fare as before. */
  readonly kept: number;
}

/** What was assumed in a world, and what it leaves as it is. */
export interface AssumptionMade {
  /** Id of the world. */
  readonly world: string;
  readonly notes: readonly string[];
}

/** What would become of the calls if every server demanded mutual TLS now; without `calls` where that cannot be told. */
export interface UnderStrict {
  /** Why it cannot be told. */
  readonly reason?: string;
  readonly notes: readonly string[];
  /** The calls that would break, or of which nobody could tell; their fates are of today and under STRICT. */
  readonly calls: readonly FollowedCall[];
}

/** Whether the answer is yes, and why. */
export interface SimulationAnswer {
  readonly is: 'yes' | 'no' | 'not-enough-evidence';
  readonly because: readonly string[];
}

/** Stages of a plan that nothing was laid over a world for, and why: their state, or `nothing to apply`. */
export interface StagesNotFollowed {
  readonly why: 'blocked' | 'outline' | 'done' | 'nothing to apply';
  readonly stages: readonly string[];
}

/** All that a simulation says beside its head. */
export interface Followed {
  readonly cluster: string;
  readonly answer: SimulationAnswer;
  readonly worlds: readonly { readonly id: string; readonly title: string }[];
  /** How many calls were followed in all. */
  readonly followed: number;
  /** Calls that are not ok in every world, or fare otherwise in one than in the one before it; worst first. */
  readonly calls: readonly FollowedCall[];
  /** Calls by verdict, for each world. */
  readonly counts: readonly Readonly<Record<Verdict, number>>[];
  /** One for each world after the first. */
  readonly transitions: readonly Transition[];
  /** What each world accepts that the one before it refused; empty for the first. */
  readonly opens: readonly (readonly string[])[];
  readonly assumptions: readonly AssumptionMade[];
  /** With one world alone: the calls that work and go in plaintext. */
  readonly plaintext?: readonly FollowedCall[];
  /** With one world alone. */
  readonly underStrict?: UnderStrict;
  /** For one call that was asked for: each world, step by step. */
  readonly trace?: readonly CallTrace[];
  /** The weakest evidence that counted, and how many calls were left out for resting on less. */
  readonly evidence: { readonly atLeast: Exclude<EvidenceKind, 'exercised'>; readonly leftOut: number };
  /** Of a plan: the stages that were not followed, by why. */
  readonly notFollowed?: readonly StagesNotFollowed[];
  /** The namespaces that calls have an end in; empty for all. */
  readonly namespaces: readonly string[];
}

/** The calls with what changes from world to world; who answers is looked up for those that anything is told of. */
export function followCalls(calls: readonly SimulatedCall[], worlds: readonly NamedWorld[]): readonly FollowedCall[] {
  const last = worlds.at(-1)?.world;
  return calls.flatMap((simulated): FollowedCall[] => {
    const { call, fates } = simulated;
    const changes = changesOf(fates);
    const isQuiet = isOkEverywhere(simulated) && changes.every((change) => change === 'kept');
    if (isQuiet) return [];
    return [{ call, fates, probable: !isKnownCall(call), servers: serversIn(last, call), changes }];
  });
}

/** The followed call, whatever becomes of it. */
export function followCall({ call, fates }: SimulatedCall, world: World | undefined): FollowedCall {
  return { call, fates, probable: !isKnownCall(call), servers: serversIn(world, call), changes: changesOf(fates) };
}

const NO_CHANGE: Readonly<Record<FateChange, number>> = {
  broken: 0,
  unknown: 0,
  weaker: 0,
  degraded: 0,
  mended: 0,
  stronger: 0,
  otherwise: 0,
};

/** What changes from each world to the next, counted over all calls. */
export function transitionsOf(
  calls: readonly SimulatedCall[],
  worlds: readonly { readonly id: string }[],
): readonly Transition[] {
  return worlds.slice(1).map(({ id }, index) => {
    const counts: Record<FateChange, number> = { ...NO_CHANGE };
    for (const { fates } of calls) {
      const change = changeAt(fates, index + 1);
      if (change !== 'kept') counts[change] += 1;
    }
    const changed = FATE_CHANGES.reduce((sum, change) => sum + counts[change], 0);
    return { from: worlds[index]?.id ?? '', to: id, counts, kept: calls.length - changed };
  });
}

function changesOf(fates: readonly Fate[]): readonly (FateChange | 'kept')[] {
  return fates.slice(1).map((_, index) => changeAt(fates, index + 1));
}

function changeAt(fates: readonly Fate[], index: number): FateChange | 'kept' {
  const [before, after] = [fates[index - 1], fates[index]];
  return before === undefined || after === undefined ? 'kept' : (changeBetween(before, after) ?? 'kept');
}

function serversIn(world: World | undefined, call: Call): readonly string[] {
  if (world === undefined) return [];
  return sortedUnique(
    answering(call.to, world).servers.map(({ workload, port }) => `${formatWorkload(workload)}:${String(port)}`),
  );
}
