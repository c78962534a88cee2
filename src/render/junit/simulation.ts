import type { FateChange } from '../../domain/simulate/fate-change.ts';
import type { FollowedCall } from '../../domain/simulate/followed.ts';
import type { Fate } from '../../domain/simulate/verdict.ts';
import { answerSentence } from '../simulation-document.ts';
import { sharesLine } from '../simulation-coverage.ts';
import { callWords, changeWords, decidersOf, fateWords, modeOnce, type SimulationView } from '../simulation-lines.ts';
import { countOf } from '../words.ts';
import { renderXml, type XmlElement } from './xml.ts';

/** How a test case ends: an error is about what is missing to tell, a failure about what was found. */
type Outcome = 'passed' | 'failure' | 'skipped' | 'error';

interface Case {
  readonly outcome: Outcome;
  readonly element: XmlElement;
}

/**
 * The simulation as JUnit XML: a suite for each world that is judged (all but the first where there are several), in it
 * a test case for each call that breaks, is not known or changes, one for all that fare well or as before, and one for
 * coverage where that was asked for and is lacking.
 */
export function renderSimulationJunit(result: SimulationView): string {
  const judged = result.worlds.length === 1 ? [0] : result.worlds.slice(1).map((_, index) => index + 1);
  const suites = judged.map((index) => suiteOf(result, index));
  const all = suites.flatMap(({ cases }) => cases);
  return renderXml({
    name: 'testsuites',
    attributes: { name: 'meshwise simulate', ...countsOf(all) },
    children: suites.map(({ element }) => element),
  });
}

interface Suite {
  readonly cases: readonly Case[];
  readonly element: XmlElement;
}

function suiteOf(result: SimulationView, index: number): Suite {
  const world = result.worlds[index]?.id ?? '';
  const told = result.calls.filter((call) => isTold(call, index, result.trace !== undefined));
  const cases = [
    ...told.map((call) => callCase(call, index, world)),
    ...restCase(result, index, told.length),
    ...coverageCase(result, world),
  ];
  const properties = [
    { name: 'answer', value: answerSentence(result) },
    { name: 'coverage', value: sharesLine(result.callCoverage) },
    ...result.opens.slice(index, index + 1).flatMap((list) => list.map((value) => ({ name: 'opens', value }))),
  ];
  return {
    cases,
    element: {
      name: 'testsuite',
      attributes: { name: `${result.cluster}: ${world}`, ...countsOf(cases) },
      children: [
        {
          name: 'properties',
          attributes: {},
          children: properties.map((attributes) => ({ name: 'property', attributes })),
        },
        ...cases.map(({ element }) => element),
      ],
    },
  };
}

/** What fares as before is no news of this world, even where it does not fare well. */
function isTold({ fates, changes }: FollowedCall, index: number, isAsked: boolean): boolean {
  if (isAsked || (index === 0 && fates[0]?.verdict !== 'ok')) return true;
  return index > 0 && changes[index - 1] !== 'kept';
}

function callCase(call: FollowedCall, index: number, world: string): Case {
  const [before, fate] = [fates(call)[index - 1], fates(call)[index]];
  const change = call.changes[index - 1];
  const attributes = { classname: `meshwise.simulate.${world}`, name: callWords(call) };
  if (fate === undefined) return { outcome: 'passed', element: { name: 'testcase', attributes } };
  const message = before === undefined ? fateWords(fate) : changeWords(before, fate);
  const outcome = outcomeOf(fate, change);
  const told: XmlElement[] =
    outcome === 'passed'
      ? [{ name: 'system-out', attributes: {}, children: [bodyOf(message, fate)] }]
      : [{ name: outcome, attributes: attributesOf(outcome, message, fate), children: [bodyOf(message, fate)] }];
  return { outcome, element: { name: 'testcase', attributes, children: told } };
}

function fates(call: FollowedCall): readonly (Fate | undefined)[] {
  return call.fates;
}

/** What was broken before and is no worse now does not fail this change. */
function outcomeOf({ verdict }: Fate, change: FateChange | 'kept' | undefined): Outcome {
  if (verdict === 'unknown') return 'skipped';
  if (verdict !== 'breaks' && verdict !== 'partial') return 'passed';
  return change === undefined || change === 'broken' ? 'failure' : 'skipped';
}

function attributesOf(outcome: Outcome, message: string, { verdict, why }: Fate): Readonly<Record<string, string>> {
  if (outcome !== 'skipped') return { message, type: verdict };
  return { message: verdict === 'unknown' ? modeOnce(why) : `no worse than before: ${message}` };
}

function bodyOf(message: string, fate: Fate): string {
  const deciders = decidersOf(fate);
  return [message, modeOnce(fate.why), ...(deciders.length === 0 ? [] : [`decided by ${deciders.join('; ')}`])].join(
    '\n',
  );
}

/** A suite without any case looks to a reader as if nothing had run. */
function restCase({ followed }: SimulationView, index: number, told: number): readonly Case[] {
  const rest = followed - told;
  if (rest <= 0 && told > 0) return [];
  const name = index === 0 ? `${countOf(rest, 'call')} ok` : `${countOf(rest, 'call')} as before`;
  const attributes = { classname: 'meshwise.simulate.rest', name };
  return [{ outcome: 'passed', element: { name: 'testcase', attributes } }];
}

function coverageCase(result: SimulationView, world: string): readonly Case[] {
  const lacking = result.answer.because.filter((reason) => reason.includes('--min-coverage'));
  return lacking.map((message): Case => {
    const attributes = { classname: `meshwise.simulate.${world}`, name: 'observed coverage' };
    const error = { name: 'error', attributes: { message, type: 'not-enough-evidence' } };
    return { outcome: 'error', element: { name: 'testcase', attributes, children: [error] } };
  });
}

function countsOf(cases: readonly Case[]): Readonly<Record<string, string>> {
  const count = (outcome: Outcome): string => String(cases.filter((each) => each.outcome === outcome).length);
  return { tests: String(cases.length), failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}
