import type { Cohort, Workload } from './workload.ts';

interface Kept<T> {
  readonly workload: Workload;
  readonly answer: T;
}

/**
 * The resolver, asked once of each cohort in each context (a world, or a view of one) for as long as the context
 * lives. Only for resolvers whose answer depends on nothing else.
 */
export function oncePerCohort<C extends object, T>(
  resolve: (workload: Workload, cohort: Cohort, context: C) => T,
): (workload: Workload, cohort: Cohort, context: C) => T {
  const contexts = new WeakMap<C, Map<Cohort, Kept<T>>>();
  return (workload, cohort, context) => {
    let answers = contexts.get(context);
    if (answers === undefined) contexts.set(context, (answers = new Map<Cohort, Kept<T>>()));
    const kept = answers.get(cohort);
    // Worlds that differ in a workload may share its cohorts.
    if (kept?.workload === workload) return kept.answer;
    const answer = resolve(workload, cohort, context);
    answers.set(cohort, { workload, answer });
    return answer;
  };
}
