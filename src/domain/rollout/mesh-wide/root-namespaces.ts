import { sortedUnique } from '../../../lib/order.ts';
import { DEFAULT_ROOT_NAMESPACE } from '../../mesh/istio/config-visibility.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { meshSettings } from '../../mesh/istio/mesh-settings.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';

/**
 * The namespaces in which a policy of Istio may hold for every other one, sorted: `meshConfig.rootNamespace` of each
 * control plane that was read, and the default of that field, which counts where none was.
 */
export function rootNamespaces(world: World): readonly string[] {
  const read = controlPlanes(world).flatMap(({ revision }) => {
    const settings = meshSettings(world, revision);
    return settings.known ? [settings.value.rootNamespace] : [];
  });
  return sortedUnique([DEFAULT_ROOT_NAMESPACE, ...read]);
}

/** The one root namespace of the mesh; unknown where no control plane says it, or where they differ. */
export function rootNamespace(world: World): Fact<string> {
  const [first, ...others] = controlPlanes(world).map(({ revision }) => meshSettings(world, revision));
  if (first === undefined) return unknown('no istiod was read');
  if (!first.known) return first;
  for (const other of others) {
    if (!other.known) return other;
    if (other.value.rootNamespace !== first.value.rootNamespace)
      return unknown('the control planes use different root namespaces');
  }
  return known(first.value.rootNamespace);
}
