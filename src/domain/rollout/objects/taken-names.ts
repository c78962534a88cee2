import { formatRef } from '../../kubernetes/object.ts';
import type { ApplyStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { refOfManifest } from '../rollback-steps.ts';
import { isOurs } from './generated-objects.ts';

/**
 * Objects of somebody else that bear the name of one which a step would make: `kubectl apply --server-side` of a manifest
 * takes away whatever the owner's `kubectl apply` had said beside it.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function takenNames(world: World, steps: readonly ApplyStep[]): readonly Obstacle[] {
  return steps.flatMap(({ manifest }): readonly Obstacle[] => {
    const ref = refOfManifest(manifest);
    const existing = world.get(ref);
    if (existing === undefined || isOurs(existing)) return [];
    return [
      {
        kind: 'object',
        what: `${formatRef(ref)} is there already and is not of this plan`,
        remedy: 'rename it, or bring it under the plan',
      },
    ];
  });
}
