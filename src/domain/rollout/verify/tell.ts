import type { Evidence } from '../../world/evidence.ts';
import type { ConditionState, Drift } from './verification.ts';

/** An answer with what it rests on. */
export interface Told {
  readonly state: ConditionState;
  readonly evidence: readonly Evidence[];
  readonly drift?: readonly Drift[];
  /** Whether nothing that meshwise reads could ever tell, so that a person's word is all there is. */
  readonly forPerson?: boolean;
}

/** An answer that rests on one piece of evidence. */
export function told(state: ConditionState, evidence: Evidence | string): Told {
  return { state, evidence: [typeof evidence === 'string' ? { rule: evidence } : evidence] };
}

const WEIGHT: Readonly<Record<ConditionState, number>> = { met: 0, unknown: 1, unmet: 2 };

/** The heaviest of the states: unmet before unknown before met; met where there is none. */
export function worstState(states: readonly ConditionState[]): ConditionState {
  return states.reduce<ConditionState>((worst, state) => (WEIGHT[state] > WEIGHT[worst] ? state : worst), 'met');
}

/** All answers as one: its state is the heaviest, its evidence that of the answers of this state. */
export function together(answers: readonly Told[]): Told {
  const state = worstState(answers.map((answer) => answer.state));
  const heaviest = answers.filter((answer) => answer.state === state);
  const drift = answers.flatMap((answer) => answer.drift ?? []);
  return {
    state,
    evidence: heaviest.flatMap(({ evidence }) => evidence),
    ...(drift.length === 0 ? {} : { drift }),
    ...(state === 'unknown' && heaviest.every(({ forPerson }) => forPerson === true) ? { forPerson: true } : {}),
  };
}
