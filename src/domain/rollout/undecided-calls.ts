import { inOrder } from './call-index.ts';
import type { Planning } from './planning.ts';
import type { Trial, WorseCall } from './simulate-stage.ts';

/**
 * The calls that a trial touches and of which nobody can say whether they pass after it: a stage that cuts must not
 * take an answer for granted that was never there. Those that are only inferred are among them.
 */
export function undecidedCalls({ index, fates }: Planning, { worst }: Trial): readonly WorseCall[] {
  return inOrder(index, worst.keys()).flatMap((call): readonly WorseCall[] => {
    const [before, after] = [fates.get(call.id), worst.get(call.id)];
    if (before === undefined || after?.verdict !== 'unknown') return [];
    return [{ call, before, after }];
  });
}
