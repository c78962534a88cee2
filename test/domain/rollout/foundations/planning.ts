import { NO_CHOICES } from '../../../../src/domain/rollout/choices.ts';
import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { watched } from '../shop.ts';

/** What a plan of this world is made from, with no calls. */
export function inputOf(world: World, more: Partial<RolloutInput> = {}): RolloutInput {
  return {
    world,
    graph: watched(world, []),
    target: 'istio-ambient',
    goal: 'deny-by-default',
    choices: NO_CHOICES,
    acceptEvidence: 'observed',
    meshwiseVersion: '0.0.0',
    fingerprint: 'none',
    warnings: [],
    ...more,
  };
}
