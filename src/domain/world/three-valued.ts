import { known, unknown, type Fact } from './fact.ts';

/** True where all are true, false where one is false, unknown (for the first reason) otherwise. */
export function allOf(facts: readonly Fact<boolean>[]): Fact<boolean> {
  if (facts.some((fact) => fact.known && !fact.value)) return known(false);
  return facts.find((fact) => !fact.known) ?? known(true);
}

/** True where one is true, false where all are false, unknown (for the first reason) otherwise. */
export function anyOf(facts: readonly Fact<boolean>[]): Fact<boolean> {
  if (facts.some((fact) => fact.known && fact.value)) return known(true);
  return facts.find((fact) => !fact.known) ?? known(false);
}

/** The opposite; what is unknown stays unknown. */
export function notThat(fact: Fact<boolean>): Fact<boolean> {
  return fact.known ? known(!fact.value) : unknown(fact.reason);
}
