import { NO_CHOICES, type Choices, type CoexistingMesh } from '../domain/rollout/choices.ts';
import type { RolloutPlan, Target } from '../domain/rollout/plan.ts';
import type { PlanWishes } from './make-plan.ts';

const DAY = 86_400;

/** What the flags of `plan` say, as far as it is about what to plan. */
export interface AskedPlan {
  readonly target: Target;
  readonly goal: RolloutPlan['goal'];
  readonly 'accept-evidence': RolloutPlan['acceptEvidence'];
  readonly 'min-window'?: number | undefined;
  readonly 'mesh-version'?: string | undefined;
  readonly namespace?: readonly string[] | undefined;
  readonly 'split-service-accounts'?: boolean | undefined;
  readonly 'coexist-with'?: readonly CoexistingMesh[] | undefined;
  readonly 'mesh-wide'?: boolean | undefined;
}

/** What a plan is made with beside its flags. */
export interface PlanContext {
  /** Of meshwise.yaml, where there is one. */
  readonly choices: Choices | undefined;
  readonly previous: RolloutPlan | undefined;
}

/** The wishes of the flags and of the configuration together; a flag that asks for something is enough. */
export function wishesOf(asked: AskedPlan, { choices = NO_CHOICES, previous }: PlanContext): PlanWishes {
  const days = asked['min-window'];
  return {
    target: asked.target,
    goal: asked.goal,
    acceptEvidence: asked['accept-evidence'],
    minWindowSeconds: days === undefined ? undefined : days * DAY,
    namespaces: asked.namespace ?? [],
    meshVersion: asked['mesh-version'],
    choices: {
      ...choices,
      coexist: coexistence(choices, asked['coexist-with'] ?? []),
      splitServiceAccounts: choices.splitServiceAccounts || asked['split-service-accounts'] === true,
      meshWide: choices.meshWide || asked['mesh-wide'] === true,
    },
    previous,
  };
}

/** The file's word comes first, as it says why. */
function coexistence({ coexist }: Choices, asked: readonly CoexistingMesh[]): Choices['coexist'] {
  const more = [...new Set(asked)].filter((mesh) => !coexist.some((each) => each.mesh === mesh));
  return [...coexist, ...more.map((mesh) => ({ mesh, reason: 'asked for by --coexist-with' }))];
}
