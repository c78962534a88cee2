import { asBoolean, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { injectorValues } from '../mesh/istio/mesh-settings.ts';
import { known, type Fact } from '../world/fact.ts';
import type { World } from '../world/world.ts';
import { hasIstio, whatIf } from './what-if.ts';

const LEVEL = 'pod-security.kubernetes.io/enforce';

/** The Pod Security level that the namespace enforces; undefined where it enforces none by label. */
export function enforcedLevel(world: World, namespace: string): 'baseline' | 'restricted' | undefined {
  const level = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels[LEVEL];
  return level === 'baseline' || level === 'restricted' ? level : undefined;
}

/**
 * Whether redirection is set up by the CNI plugin and not by the init container `istio-init`: as the injector's chart
 * values say (`pilot.cni.enabled`, before 1.24 `istio_cni.enabled`), for each revision. Without a control plane, as the
 * rollout would install it: with the plugin where Pod Security of a namespace in scope refuses the init container.
 * Source: istio manifests/charts/istio-control/istio-discovery/values.yaml.
 */
export function usesCni(world: World, revision: string): Fact<boolean> {
  if (!hasIstio(world)) {
    return known(whatIf(world).scope.some((namespace) => enforcedLevel(world, namespace) !== undefined));
  }
  const values = injectorValues(world, revision);
  if (!values.known) return values;
  const enabled = asBoolean(at(values.value, 'pilot', 'cni', 'enabled'));
  return known(enabled ?? asBoolean(at(values.value, 'istio_cni', 'enabled')) ?? false);
}

/** The revision that new pods in the cluster get where nothing else says: the only one, else `default`. */
export function onlyRevision(world: World): string {
  const planes = controlPlanes(world);
  return planes.length === 1 ? (planes[0]?.revision ?? 'default') : 'default';
}
