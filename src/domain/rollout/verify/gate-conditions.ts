import { formatRef, refOf } from '../../kubernetes/object.ts';
import type { Step } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Condition } from '../plan.ts';
import { checkState } from './check-state.ts';
import type { GateContext } from './gate-context.ts';
import { measured } from './metric-answers.ts';
import { readMerged, readPresence, type ReadBack } from './read-back.ts';
import { told, together, type Told } from './tell.ts';
import type { VerifiedCondition } from './verification.ts';

/** Answers a condition of the plan: by the world, by metrics, or by the word of a person where neither can tell. */
export function gateCondition(condition: Condition, context: GateContext): VerifiedCondition {
  return verified(condition, answerTo(condition, context), context);
}

/** The condition with its answer; one that only a person can give is taken from those that were confirmed. */
export function verified(
  { id, text, command }: Pick<Condition, 'id' | 'text' | 'command'>,
  answer: Told,
  { confirmed }: Pick<GateContext, 'confirmed'>,
): VerifiedCondition {
  const { state, evidence } = confirmed.has(id) ? withWord(answer) : withHint(id, answer);
  return { id, text, state, evidence, ...(command === undefined ? {} : { command }) };
}

function withHint(id: string, answer: Told): Told {
  if (answer.state !== 'unknown' || answer.forPerson !== true) return answer;
  return { ...answer, evidence: [...answer.evidence, { rule: `once you have looked yourself: --confirm ${id}` }] };
}

function withWord(answer: Told): Told {
  if (answer.state === 'met') return answer;
  if (answer.state === 'unknown' && answer.forPerson === true) return told('met', 'confirmed by the user (--confirm)');
  const rule = '--confirm does not count here: what can be read or measured decides';
  return { ...answer, evidence: [...answer.evidence, { rule }] };
}

function answerTo(condition: Condition, context: GateContext): Told {
  const { world, graph, plan, stage, answers } = context;
  const seen =
    condition.state === undefined ? undefined : checkState(condition.state, { world, graph, target: plan.target });
  const said = measured(condition, answers);
  const found = [seen, said].filter((answer) => answer !== undefined);
  if (found.length > 0) return together(found);
  const expected = readExpected(condition, stage.steps, world);
  if (expected !== undefined) return expected.told;
  return { ...told('unknown', 'a person has to look'), forPerson: true };
}

/** The object that a condition of an assumption is about: commands were expected to create or to change it. */
function readExpected({ id, text }: Condition, steps: readonly Step[], world: World): ReadBack | undefined {
  if (!id.startsWith('assumed-')) return undefined;
  for (const step of steps) {
    if (step.step !== 'external') continue;
    const found = step.expect.find((object) =>
      text.includes(`${formatRef(refOf(object))} exists after: ${step.title}`),
    );
    if (found !== undefined) return readPresence(world, refOf(found));
    const changed = step.expectChanges?.find(({ target }) =>
      text.includes(`${formatRef(target)} is changed as foreseen after: ${step.title}`),
    );
    if (changed !== undefined) return readMerged(world, changed.target, changed.fields);
  }
  return undefined;
}
