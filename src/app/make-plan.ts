import type { EvidenceKind } from '../domain/calls/call.ts';
import { MESHES } from '../domain/mesh/registry.ts';
import type { Choices } from '../domain/rollout/choices.ts';
import type { Goal, RolloutPlan, Target } from '../domain/rollout/plan.ts';
import { planRollout } from '../domain/rollout/plan-rollout.ts';
import { strangeChoices } from '../domain/rollout/strange-choices.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';

/** What the user asks of a plan. */
export interface PlanWishes {
  readonly target: Target;
  readonly goal: Goal;
  readonly acceptEvidence: EvidenceKind;
  /** Absent: seven days, or the longest period of a CronJob. */
  readonly minWindowSeconds: number | undefined;
  readonly namespaces: readonly string[];
  readonly meshVersion: string | undefined;
  readonly choices: Choices;
  /** The plan that was made before, if its waves are to stay. */
  readonly previous?: RolloutPlan | undefined;
}

/** What only the outside knows: who plans, and over exactly which input. */
export interface PlanIdentity {
  readonly meshwiseVersion: string;
  readonly fingerprint: string;
}

/** Plans the rollout over an opened world. Throws a usage error where a namespace is asked for that is not there. */
export function makePlan(opened: OpenedWorld, wishes: PlanWishes, identity: PlanIdentity): RolloutPlan {
  const { world, graph } = opened;
  refuseUnknownNamespaces(world, wishes.namespaces);
  const { minWindowSeconds, meshVersion, namespaces, previous } = wishes;
  return planRollout({
    world,
    graph,
    target: wishes.target,
    goal: wishes.goal,
    acceptEvidence: wishes.acceptEvidence,
    choices: wishes.choices,
    ...identity,
    warnings: [...opened.reading.warnings, ...strangers(opened), ...strangeChoices(world, wishes.choices)],
    ...(minWindowSeconds === undefined ? {} : { minWindowSeconds }),
    ...(namespaces.length === 0 ? {} : { namespaces }),
    ...(meshVersion === undefined ? {} : { meshVersion }),
    ...(previous === undefined ? {} : { previous }),
    ...(world.asOf.known ? { taken: world.asOf.value } : {}),
  });
}

function strangers({ world }: OpenedWorld): readonly string[] {
  const open = MESHES.filter((mesh) => mesh.detect(world).state === 'unknown').map(({ displayName }) => displayName);
  return open.length === 0 ? [] : [`whether these meshes are in the cluster is not known: ${open.join(', ')}`];
}
