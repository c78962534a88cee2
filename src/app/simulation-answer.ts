import { breaksMore } from '../domain/simulate/fate-change.ts';
import type { FollowedCall, SimulationAnswer } from '../domain/simulate/followed.ts';
import { cutsCalls, type Fate } from '../domain/simulate/verdict.ts';

/** Whether the call breaks as it did not in the first world, or for more; with one world, whether it breaks. */
function isBroken([first, ...later]: readonly Fate[]): boolean {
  if (first === undefined) return false;
  if (later.length === 0) return cutsCalls(first.verdict);
  return later.some((fate) => breaksMore(first, fate));
}

/** What an answer is drawn from. */
export interface Outcome {
  /** Calls that are not ok in every world, or change. */
  readonly calls: readonly FollowedCall[];
  readonly worlds: number;
  /** How many calls were followed in all. */
  readonly followed: number;
  /** Share of ports (0 to 1) that were observed. */
  readonly coverage: number;
  /** The share that was asked for, in percent. */
  readonly minCoverage?: number | undefined;
  /** Whether this is about one call that somebody asked for. */
  readonly isAsked: boolean;
}

/**
 * The answer to whether the calls go on working: no outweighs that too little is known, as it is where a change leaves
 * nobody able to say what becomes of a known call.
 */
export function answerOf(outcome: Outcome): SimulationAnswer {
  return outcome.isAsked ? answerForOne(outcome) : answerForAll(outcome);
}

function answerForAll(outcome: Outcome): SimulationAnswer {
  const { calls, worlds } = outcome;
  const broken = calls.filter(({ fates }) => isBroken(fates));
  const doubtful = calls.filter(isInDoubt);
  const lacking = lackingCoverage(outcome);
  const because = [
    ...(outcome.followed === 0 ? ['no call is known'] : []),
    worlds === 1 ? breaksNow(broken) : breaksAnew(broken),
    ...(doubtful.length === 0 ? [] : [inDoubt(doubtful, worlds)]),
    ...lacking,
  ];
  if (broken.length > 0) return { is: 'no', because };
  const isBlank = outcome.followed === 0 || doubtful.length === outcome.followed;
  const isOpen = isBlank || lacking.length > 0 || (worlds > 1 && doubtful.some(({ probable }) => !probable));
  return { is: isOpen ? 'not-enough-evidence' : 'yes', because };
}

/** Of one call it is not enough that nobody saw it break. */
function answerForOne(outcome: Outcome): SimulationAnswer {
  const fates = outcome.calls[0]?.fates ?? [];
  const asked = fates.length > 1 ? fates.slice(1) : fates;
  const lacking = lackingCoverage(outcome);
  if (asked.some(({ verdict }) => cutsCalls(verdict))) return { is: 'no', because: ['the call breaks', ...lacking] };
  if (asked.some(({ verdict }) => verdict === 'unknown')) {
    return { is: 'not-enough-evidence', because: ['what becomes of the call is not known', ...lacking] };
  }
  const stalls = asked.some(({ verdict }) => verdict === 'degraded');
  const because = [stalls ? 'the call works, and loses something on its way' : 'the call works', ...lacking];
  return { is: lacking.length > 0 ? 'not-enough-evidence' : 'yes', because };
}

function breaksNow(broken: readonly FollowedCall[]): string {
  if (broken.length === 0) return 'no call that is known breaks now';
  return `${calls(broken.length)} ${broken.length === 1 ? 'breaks' : 'break'} now${probably(broken)}`;
}

function breaksAnew(broken: readonly FollowedCall[]): string {
  if (broken.length === 0) return 'no call that is known breaks anew';
  return `${calls(broken.length)} ${broken.length === 1 ? 'breaks' : 'break'} that did not${probably(broken)}`;
}

function probably(broken: readonly FollowedCall[]): string {
  const count = broken.filter(({ probable }) => probable).length;
  if (count === 0) return '';
  if (count === broken.length) return count === 1 ? ' (probable: only configuration names it)' : ' (all only probable)';
  return ` (${String(count)} of them only probable)`;
}

/** Of what is unknown all along, only what a change touches: it may have made it worse. */
function isInDoubt({ fates, changes }: FollowedCall): boolean {
  const [first, ...later] = fates;
  if (later.length === 0) return first?.verdict === 'unknown';
  return later.some(
    ({ verdict }, index) => verdict === 'unknown' && (first?.verdict !== 'unknown' || changes[index] !== 'kept'),
  );
}

function inDoubt(doubtful: readonly FollowedCall[], worlds: number): string {
  const of = worlds === 1 ? '' : ' any more';
  return `of ${calls(doubtful.length)} nobody can say what becomes of ${doubtful.length === 1 ? 'it' : 'them'}${of}`;
}

function lackingCoverage({ coverage, minCoverage }: Outcome): readonly string[] {
  if (minCoverage === undefined || coverage * 100 >= minCoverage) return [];
  const share = (Math.floor(coverage * 1000) / 10).toFixed(1);
  return [`calls to ${share} % of the ports were observed, and --min-coverage asks for ${String(minCoverage)} %`];
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${String(count)} calls`;
}
