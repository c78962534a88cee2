import { istio } from '../mesh/istio/istio.ts';
import type { World } from '../world/world.ts';
import type { RolloutInput } from './rollout-input.ts';

/** The versions that a plan rests on or brings, by name; what is not known is left out. */
export function versionsOf(planned: World, { world, meshwiseVersion }: RolloutInput): Readonly<Record<string, string>> {
  const { version } = istio.detect(planned);
  return {
    meshwise: meshwiseVersion,
    ...(world.kubernetesVersion.known ? { kubernetes: world.kubernetesVersion.value } : {}),
    ...(version.known ? { istio: version.value } : {}),
  };
}
