import { notes } from './derived.ts';
import type { Cohort, Workload } from './workload.ts';

interface Kept<T> {
  readonly workload: Workload;
  readonly answer: T;
}

/**
 * The resolver, asked once of each cohort in each context (a world, or a view of one) for as long as the context
 * lives. Only for resolvers whose answer depends on nothing else. Contexts that `sharedBy` gives the same object for
 * share their answers.
 */
export function oncePerCohort<C extends object, T>(
  resolve: (workload: Workload, cohort: Cohort, context: C) => T,
  sharedBy: (context: C, cohort: Cohort) => object = itself,
): (workload: Workload, cohort: Cohort, context: C) => T {
  const contexts = notes<Map<Cohort, Kept<T>>>();
  return (workload, cohort, context) => {
    const shared = sharedBy(context, cohort);
    let answers = contexts.get(shared);
    if (answers === undefined) contexts.set(shared, (answers = new Map<Cohort, Kept<T>>()));
    const kept = answers.get(cohort);
    // Worlds that differ in a workload may share its cohorts.
    if (kept?.workload === workload) return kept.answer;
    const answer = resolve(workload, cohort, context);
    answers.set(cohort, { workload, answer });
    return answer;
  };
}

function itself(context: object): object {
  return context;
}
