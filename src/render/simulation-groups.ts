import { formatSource, formatTarget } from '../domain/calls/call-id.ts';
import type { FateChange } from '../domain/simulate/fate-change.ts';
import type { FollowedCall } from '../domain/simulate/followed.ts';
import type { Fate } from '../domain/simulate/verdict.ts';
import { groupBy } from '../lib/order.ts';
import type { Item, Tone } from './document.ts';
import { callWords, changeWords, decidersOf, fateWords, whyAlone } from './simulation-lines.ts';
import { countOf, firstFew } from './words.ts';

/** How many groups, calls of a group and deciding objects are shown; Infinity for all. */
export interface Limits {
  readonly groups: number;
  readonly calls: number;
  readonly deciders: number;
}

/** What fits on a page that somebody reads. */
export const SHORT: Limits = { groups: 12, calls: 8, deciders: 3 };
/** All that there is. */
export const WHOLE: Limits = { groups: Infinity, calls: Infinity, deciders: Infinity };

/** A call with the fate that is told of, and the one before it where something changed. */
export interface ToldCall {
  readonly followed: FollowedCall;
  readonly fate: Fate;
  readonly before?: Fate;
}

/** Calls that lead to one server and are decided by the same objects. */
export interface ToldGroup {
  readonly title: string;
  readonly why: string;
  readonly deciders: readonly string[];
  readonly calls: readonly ToldCall[];
}

/** What each change is called in a heading. */
export const CHANGE_TITLES: Readonly<Record<FateChange, string>> = {
  broken: 'newly broken',
  unknown: 'no longer known',
  weaker: 'less protected on the wire',
  degraded: 'newly degraded',
  mended: 'mended',
  stronger: 'better protected on the wire',
  otherwise: 'decided or sent in another way',
};

/** How good or bad each change is. */
export const CHANGE_TONES: Readonly<Record<FateChange, Tone>> = {
  broken: 'bad',
  unknown: 'warn',
  weaker: 'warn',
  degraded: 'warn',
  mended: 'good',
  stronger: 'good',
  otherwise: 'plain',
};

/** The calls that change in the given way on the step to a world (1 for the second world), probable ones last. */
export function changedCalls(calls: readonly FollowedCall[], step: number, change: FateChange): readonly ToldCall[] {
  return probableLast(calls).flatMap((followed): ToldCall[] => {
    const [before, fate] = [followed.fates[step - 1], followed.fates[step]];
    if (fate === undefined || before === undefined || followed.changes[step - 1] !== change) return [];
    return [{ followed, fate, before }];
  });
}

/** Known calls, then probable ones, each in their order. */
export function probableLast(calls: readonly FollowedCall[]): readonly FollowedCall[] {
  return [...calls.filter(({ probable }) => !probable), ...calls.filter(({ probable }) => probable)];
}

/** The calls by server and port, and by the objects that decide; groups with more calls first. */
export function groupsByServer(calls: readonly ToldCall[]): readonly ToldGroup[] {
  return groupsOf(calls, (call) => serverOf(call.followed));
}

/** The calls by what would have to be known of them; groups with more calls first. */
export function groupsByReason(calls: readonly ToldCall[]): readonly ToldGroup[] {
  return groupsOf(calls, ({ fate }) => whyAlone(fate));
}

function groupsOf(calls: readonly ToldCall[], titleOf: (call: ToldCall) => string): readonly ToldGroup[] {
  const groups = groupBy(calls, (call) => {
    const deciders = decidersOf(call.fate);
    return JSON.stringify([titleOf(call), deciders.length === 0 ? whyAlone(call.fate) : deciders]);
  });
  const told = [...groups.values()].flatMap((group): ToldGroup[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { fate } = first;
    return [{ title: titleOf(first), why: whyAlone(fate), deciders: decidersOf(fate), calls: group }];
  });
  return told.sort((left, right) => right.calls.length - left.calls.length);
}

/** Who answers, as `shop/Deployment/cart:8080`; the target itself where nobody is known to. */
export function serverOf({ call, servers }: FollowedCall): string {
  return servers.length === 0 ? formatTarget(call.to) : firstFew(servers, 2);
}

/** The groups as list items: the server, why, what decides, and who calls. */
export function groupItems(groups: readonly ToldGroup[], limits: Limits, tone: Tone = 'plain'): readonly Item[] {
  const shown = groups.slice(0, limits.groups);
  const hidden = groups.slice(shown.length);
  const more = hidden.reduce((sum, { calls }) => sum + calls.length, 0);
  const items = shown.map((group) => groupItem(group, limits, tone));
  return hidden.length === 0 ? items : [...items, { text: `and ${countOf(more, 'call')} more (-o wide lists them)` }];
}

function groupItem({ title, why, deciders, calls }: ToldGroup, limits: Limits, tone: Tone): Item {
  const shown = calls.slice(0, limits.calls);
  const more = calls.length - shown.length;
  return {
    text: title,
    tone,
    items: [
      ...(title === why ? [] : [{ text: why }]),
      ...(deciders.length === 0 ? [] : [{ text: `decided by ${firstFew(deciders, limits.deciders)}` }]),
      ...shown.map((call) => ({ text: toldWords(call) })),
      ...(more > 0 ? [{ text: `and ${countOf(more, 'call')} more (-o wide lists them)` }] : []),
    ],
  };
}

/** The call with its fate, or with how it changes. */
export function toldWords({ followed, fate, before }: ToldCall): string {
  return `${callWords(followed)}: ${before === undefined ? fateWords(fate) : changeWords(before, fate)}`;
}

/** One line a server: who calls it. */
export function callerItems(calls: readonly FollowedCall[], limits: Limits): readonly Item[] {
  const groups = [...groupBy(probableLast(calls), serverOf)].sort(([, left], [, right]) => right.length - left.length);
  const shown = groups.slice(0, limits.groups);
  const more = groups.slice(shown.length).reduce((sum, [, group]) => sum + group.length, 0);
  const items = shown.map(([server, group]): Item => {
    const callers = [...new Set(group.map(({ call }) => formatSource(call.from)))];
    return { text: `${server} from ${firstFew(callers, limits.deciders)}` };
  });
  return more === 0 ? items : [...items, { text: `and ${countOf(more, 'call')} more (-o wide lists them)` }];
}
