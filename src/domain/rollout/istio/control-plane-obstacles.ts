import type { Detection } from '../../mesh/mesh.ts';
import { ambientDoubt } from '../../mesh/istio/ambient/ztunnel-agent.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';

/** Why ambient mode cannot be planned on the control planes that are here; `managed` is what their product says of it. */
export function ambientObstacles(world: World, managed: string | undefined): readonly Obstacle[] {
  if (managed !== undefined) {
    return [
      { kind: 'platform', what: managed, remedy: 'plan towards istio-sidecar, or ask the vendor for ambient mode' },
    ];
  }
  const planes = controlPlanes(world);
  if (planes.length === 0) {
    return [
      {
        kind: 'platform',
        what: 'istiod is outside the cluster, and whether it serves ambient mode cannot be read',
        remedy: 'see that it runs with PILOT_ENABLE_AMBIENT=true, and plan with sidecars until then',
      },
    ];
  }
  return planes.flatMap((plane): Obstacle[] => {
    const doubt = ambientDoubt(plane);
    if (doubt === undefined) return [];
    const remedy = `in the values of whoever installed it: profile: ambient (PILOT_ENABLE_AMBIENT=true, and ISTIO_META_ENABLE_HBONE "true" in meshConfig.defaultConfig.proxyMetadata, which sidecars take at their next restart); then plan again`;
    return [{ kind: 'platform', what: doubt, remedy }];
  });
}

/** Kinds that tell whether Istio is there. */
const TELLING: readonly Kind[] = [KIND.deployment, KIND.mutatingWebhook, KIND.pod];

/** What has to be read before anybody can tell whether Istio is installed. */
export function undecided(world: World, { state }: Detection): Obstacle {
  const gaps = TELLING.flatMap((kind) => {
    const { gap } = world.list(kind);
    return gap === undefined ? [] : [`${kind.slice(kind.lastIndexOf('/') + 1)}: ${gap}`];
  });
  const missing = gaps.length === 0 ? '' : ` (${gaps.join('; ')})`;
  return {
    kind: 'platform',
    what:
      state === 'orphaned'
        ? `pods run Istio proxies, and no istiod was found${missing}`
        : `whether Istio is installed could not be read${missing}`,
    remedy: 'read Deployments, Pods and MutatingWebhookConfigurations of all namespaces, and plan again',
  };
}
