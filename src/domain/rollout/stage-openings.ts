import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { kindOf, type Kind } from '../kubernetes/object.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { openingsBetween } from '../simulate/openings.ts';
import type { World } from '../world/world.ts';
import type { Trial } from './simulate-stage.ts';

const POLICIES: ReadonlySet<Kind> = new Set<Kind>([KIND.peerAuthentication, KIND.authorizationPolicy]);

/**
 * What a stage's policies open to callers that nobody named. Looked at where the policies stand: one without a
 * namespace of the world's workloads opens nothing. Other steps of a stage only ever add sidecars.
 */
export function openingsOf(before: World, { steps, world }: Pick<Trial, 'steps' | 'world'>): readonly string[] {
  const namespaces = steps.flatMap((step) =>
    step.step === 'apply' && POLICIES.has(kindOf(step.manifest)) ? [step.manifest.metadata.namespace ?? ''] : [],
  );
  if (namespaces.length === 0) return [];
  return openingsBetween(before, onlyNamespaces(world, namespaces));
}

/** The same world, in which a walk over the namespaces meets only these and those of the control planes. */
function onlyNamespaces(world: World, namespaces: readonly string[]): World {
  const walked = sortedUnique([...namespaces, ...controlPlanes(world).map(({ namespace }) => namespace)]);
  return { ...world, namespaces: () => walked };
}
