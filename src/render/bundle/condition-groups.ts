import type { Condition } from '../../domain/rollout/plan.ts';
import { groupBy } from '../../lib/order.ts';
import { formOf } from './text-forms.ts';

/** As many conditions of one kind a page shows with their queries. */
const SHOWN_IN_FULL = 5;

/** Conditions that a page shows together: one in full, or those of one form in short. */
export interface ConditionGroup {
  readonly conditions: readonly Condition[];
  readonly isSummary: boolean;
}

/**
 * The conditions in their order, where those of a kind that has many stand together by form, at the place of the first.
 * One that only a person can answer stays by itself: nothing but its text says what to look at.
 */
export function conditionGroups(
  conditions: readonly Condition[],
  isTold: (condition: Condition) => boolean,
): readonly ConditionGroup[] {
  const sizes = groupBy(conditions.filter(isAsked), kindOfId);
  const isMany = (condition: Condition): boolean =>
    isAsked(condition) && (sizes.get(kindOfId(condition))?.length ?? 0) > SHOWN_IN_FULL;
  const groups = groupBy(conditions, (condition) =>
    isMany(condition) ? formKey(condition, isTold(condition)) : condition,
  );
  return [...groups.values()].map((members) => ({ conditions: members, isSummary: members.some(isMany) }));
}

function isAsked({ promql, state }: Condition): boolean {
  return promql !== undefined || state !== undefined;
}

/** An id begins with what is asked and ends with whom it is about: `callers-cart-8080`, `no-plaintext-cart`. */
function kindOfId({ id }: Condition): string {
  return /^(?:no-)?[^-]*/.exec(id)?.[0] ?? id;
}

function formKey(condition: Condition, isTold: boolean): string {
  const { text, positiveEvidence = '', command, promql, proof, state } = condition;
  const asks = [command === undefined, promql === undefined, proof === undefined, state?.check ?? ''];
  return JSON.stringify([kindOfId(condition), isTold, formOf(text), formOf(positiveEvidence), ...asks]);
}
