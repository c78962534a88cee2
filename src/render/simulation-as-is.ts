import type { FollowedCall } from '../domain/simulate/followed.ts';
import type { Verdict } from '../domain/simulate/verdict.ts';
import type { Part } from './document.ts';
import {
  callerItems,
  changedCalls,
  groupItems,
  groupsByReason,
  groupsByServer,
  probableLast,
  type Limits,
  type ToldCall,
} from './simulation-groups.ts';
import { toneOf, type SimulationView } from './simulation-lines.ts';
import { countOf } from './words.ts';

const VERDICT_TITLES: Readonly<Record<Exclude<Verdict, 'ok'>, string>> = {
  breaks: 'breaks',
  partial: 'breaks for some pods',
  unknown: 'not known, by the fact that is missing',
  degraded: 'works, and loses something',
};

/** One world alone: what does not work, what goes in plaintext, and what STRICT would break now. */
export function asItIsParts(result: SimulationView, limits: Limits): readonly Part[] {
  const worstFirst = ['breaks', 'partial', 'unknown', 'degraded'] as const;
  const verdicts = worstFirst.flatMap((verdict): Part[] => {
    const told = toldNow(result.calls).filter(({ fate }) => fate.verdict === verdict);
    if (told.length === 0) return [];
    const groups = verdict === 'unknown' ? groupsByReason(told) : groupsByServer(told);
    return [
      { part: 'heading', text: `${VERDICT_TITLES[verdict]}: ${countOf(told.length, 'call')}${deniedWords(told)}` },
      { part: 'list', items: groupItems(groups, limits, toneOf(verdict)) },
    ];
  });
  return [...verdicts, ...plaintextParts(result, limits), ...strictParts(result, limits)];
}

function toldNow(calls: readonly FollowedCall[]): readonly ToldCall[] {
  return probableLast(calls).flatMap((followed) => followed.fates.slice(-1).map((fate) => ({ followed, fate })));
}

function deniedWords(told: readonly ToldCall[]): string {
  const denied = told.filter(({ fate }) => fate.authorization === 'deny').length;
  return denied === 0 ? '' : `, ${String(denied)} of them denied by a policy`;
}

function plaintextParts({ plaintext = [] }: SimulationView, limits: Limits): readonly Part[] {
  if (plaintext.length === 0) return [];
  const within = plaintext.filter(({ call }) => call.from.kind === 'workload');
  const others = plaintext.length - within.length;
  return [
    { part: 'heading', text: `works in plaintext: ${countOf(plaintext.length, 'call')}` },
    ...(within.length === 0 ? [] : [{ part: 'list' as const, items: callerItems(within, limits) }]),
    ...(others === 0
      ? []
      : [
          {
            part: 'text' as const,
            text: `${outsideWords(others, plaintext.length)} callers that no mesh takes in (kubelet, Prometheus, load balancers, the internet or somebody unknown)`,
          },
        ]),
  ];
}

function outsideWords(others: number, all: number): string {
  if (others === all) return all === 1 ? 'it comes from' : 'all of them come from';
  return others === 1 ? '1 of them comes from' : `${String(others)} of them come from`;
}

function strictParts({ underStrict }: SimulationView, limits: Limits): readonly Part[] {
  if (underStrict === undefined) return [];
  const { reason, calls } = underStrict;
  if (reason !== undefined) return [{ part: 'text', text: `what STRICT would break is not told: ${reason}` }];
  const broken = changedCalls(calls, 1, 'broken');
  const unknown = changedCalls(calls, 1, 'unknown');
  if (calls.length === 0)
    return [{ part: 'text', text: 'under STRICT no call that is known would break now', tone: 'good' }];
  return [
    ...(broken.length === 0
      ? []
      : [
          { part: 'heading' as const, text: `would break under STRICT now: ${countOf(broken.length, 'call')}` },
          { part: 'list' as const, items: groupItems(groupsByServer(broken), limits, 'warn') },
        ]),
    ...(unknown.length === 0
      ? []
      : [
          { part: 'heading' as const, text: `not known under STRICT: ${countOf(unknown.length, 'call')}` },
          { part: 'list' as const, items: groupItems(groupsByReason(unknown), limits, 'warn') },
        ]),
  ];
}
