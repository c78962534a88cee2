import type { World } from '../../world/world.ts';
import type { Freeze } from '../choices.ts';
import type { RolloutPlan } from '../plan.ts';
import { told, type Told } from './tell.ts';

const DAY_ALONE = /^\d{4}-\d{2}-\d{2}$/;
const DAY = 86_400_000;

/** Whether the world is still one that the plan may speak of. */
export function freshness({ staleAfter }: Pick<RolloutPlan, 'staleAfter'>, { asOf }: World): Told {
  const end = Date.parse(staleAfter);
  if (Number.isNaN(end)) return told('unknown', `the plan does not say until when it holds: ${staleAfter}`);
  if (!asOf.known) return told('unknown', `the plan holds until ${staleAfter}; ${noTime(asOf.reason)}`);
  const now = Date.parse(asOf.value);
  if (Number.isNaN(now)) return told('unknown', `the plan holds until ${staleAfter}; ${noTime(asOf.value)}`);
  if (now <= end) return told('met', `the plan holds until ${staleAfter}, and it is ${asOf.value}`);
  return told('unmet', `the plan is stale since ${staleAfter}, and it is ${asOf.value}: plan again`);
}

/** Whether none of the freezes is on. A date alone covers its whole day in UTC. */
export function freezes(all: readonly Freeze[], { asOf }: World): Told {
  const now = asOf.known ? Date.parse(asOf.value) : Number.NaN;
  if (Number.isNaN(now))
    return told('unknown', `whether a freeze is on is not known: ${noTime(asOf.known ? asOf.value : asOf.reason)}`);
  const on = all.find((freeze) => isOn(freeze, now));
  if (on !== undefined) return told('unmet', `frozen from ${on.from} to ${on.to}: ${on.reason}`);
  const odd = all.find(({ from, to }) => Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to)));
  if (odd !== undefined)
    return told('unknown', `the freeze from ${odd.from} to ${odd.to} has no time that can be read`);
  return told('met', 'no freeze of the plan is on');
}

function isOn({ from, to }: Freeze, now: number): boolean {
  const end = DAY_ALONE.test(to) ? Date.parse(to) + DAY - 1 : Date.parse(to);
  return Date.parse(from) <= now && now <= end;
}

function noTime(reason: string): string {
  return `the time of the world is not known (${reason}): give it with --at`;
}
