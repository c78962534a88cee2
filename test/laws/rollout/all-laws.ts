import { danglingObjects, knownPorts, looseEnds, reasonsFor, unlistedEnds } from './end-laws.ts';
import { nameOfWorkload } from './naive-rollout-judge.ts';
import type { PlantedWorld } from './obstacles.ts';
import { notRemaining } from './replan-law.ts';
import { clusterFor } from './rollout-cluster.ts';
import {
  brokenCalls,
  cutUnwatched,
  notRestored,
  openedDoors,
  shutTooEarly,
  unrefusedRollbacks,
  type Faults,
} from './rollout-laws.ts';
import { naiveCalls, planFor } from './rollout-plan.ts';
import type { RolloutWorld } from './rollout-world.ts';
import { walk, type WalkedStage } from './walk-plan.ts';

/** The laws by name: what each says of the plan of a generated cluster, and nothing where it holds. */
export type LawName =
  'breaks' | 'opens' | 'shuts' | 'unwatched' | 'restores' | 'order' | 'ends' | 'dangles' | 'remains';

/** Plans the cluster and holds the plan against the laws; the given ones, or all. */
export function judge(facts: RolloutWorld, only?: readonly LawName[]): Faults {
  const start = clusterFor(facts);
  const plan = planFor(facts, start);
  const walked = walk(plan, start);
  const calls = naiveCalls(facts);
  const known = calls.filter(({ evidence }) => evidence !== 'inferred');
  const end = walked.at(-1)?.after ?? start;
  const laws: Readonly<Record<LawName, () => Faults>> = {
    breaks: () => brokenCalls(walked, known),
    opens: () => openedDoors(walked),
    shuts: () => shutTooEarly(walked),
    unwatched: () => cutUnwatched(walked, calls),
    restores: () => notRestored(walked, known),
    order: () => unrefusedRollbacks(walked, known),
    ends: () => unlistedEnds(plan, end),
    dangles: () => danglingObjects(walked, knownPorts(start)),
    remains: () =>
      replansOf(walked).flatMap((index) =>
        notRemaining((cluster) => planFor(facts, cluster), {
          first: plan,
          applied: walked.slice(0, index + 1).map(({ stage }) => stage.id),
          cluster: walked[index]?.after ?? start,
        }),
      ),
  };
  const names = only ?? (Object.keys(laws) as LawName[]);
  return names.flatMap((name) => [...new Set(laws[name]())].map((fault) => `${name}: ${fault}`));
}

/** Where a plan is made anew: after the first wave and near the end; everywhere would be one plan for each stage. */
function replansOf(walked: readonly WalkedStage[]): readonly number[] {
  const firstWave = walked.findIndex(({ stage }) => stage.kind === 'enrol');
  return [...new Set([firstWave, walked.length - 3])].filter((index) => index >= 0);
}

/** Nothing is in the way: no stage may be held back, and nobody unnamed gets in at the end. */
export function notLively(facts: RolloutWorld): Faults {
  const start = clusterFor(facts);
  const plan = planFor(facts, start);
  const end = walk(plan, start).at(-1)?.after ?? start;
  return [
    ...plan.stages
      .filter(({ state }) => state === 'blocked' || state === 'outline' || state === 'waived')
      .map(({ id, state, blockedBy }) => `${id} is ${state}: ${blockedBy[0]?.what ?? 'without a reason'}`),
    ...looseEnds(end).map(([workload, layer]) => `${nameOfWorkload(workload)} ends open (${layer})`),
    ...plan.exceptions.map(({ workload, reason }) => `${nameOfWorkload(workload)} is excepted: ${reason}`),
  ];
}

/** One thing is in the way: whom it does not touch gets there all the same, and who does not is told what it is. */
export function notConfined({ facts, touched, names }: PlantedWorld): Faults {
  const start = clusterFor(facts);
  const plan = planFor(facts, start);
  const end = walk(plan, start).at(-1)?.after ?? start;
  return looseEnds(end).flatMap(([workload, layer]) => {
    const name = nameOfWorkload(workload);
    if (!touched.has(name)) return [`${name} ends open (${layer}) though nothing is in its way`];
    const reasons = reasonsFor(plan, workload);
    const isNamed = name === names[0] || reasons.some((reason) => names.some((one) => reason.includes(one)));
    return reasons.length > 0 && isNamed
      ? []
      : [`${name} ends open (${layer}) for ${reasons.length === 0 ? 'no reason' : reasons.join('; ')}`];
  });
}
