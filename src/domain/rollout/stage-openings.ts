import { sortedUnique } from '../../lib/order.ts';
import { CONTROLLER_KINDS } from '../kubernetes/kinds.ts';
import { kindOf, type Kind } from '../kubernetes/object.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { openingsBetween } from '../simulate/openings.ts';
import type { Step } from '../world/step.ts';
import type { World } from '../world/world.ts';
import type { Trial } from './simulate-stage.ts';

/** Their steps make pods anew or with another template: that adds proxies, and opens nothing by itself. */
const MAKES_PODS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

/**
 * What a stage's policies open to callers that nobody named. Looked at where the objects stand: one without a namespace
 * of the world's workloads opens nothing.
 */
export function openingsOf(before: World, { steps, world }: Pick<Trial, 'steps' | 'world'>): readonly string[] {
  const namespaces = steps.flatMap(namespacesOf);
  if (namespaces.length === 0) return [];
  return openingsBetween(before, world, walked(world, namespaces));
}

function namespacesOf(step: Step): readonly string[] {
  switch (step.step) {
    case 'apply':
      return MAKES_PODS.has(kindOf(step.manifest)) ? [] : [step.manifest.metadata.namespace ?? ''];
    case 'patch':
    case 'delete':
      return MAKES_PODS.has(step.target.kind) ? [] : [step.target.namespace ?? step.target.name];
    case 'restart':
    case 'external':
      return [];
  }
}

/** These namespaces and those of the control planes, as far as they are there. */
function walked(world: World, namespaces: readonly string[]): readonly string[] {
  return sortedUnique([...namespaces, ...controlPlanes(world).map(({ namespace }) => namespace)]);
}
