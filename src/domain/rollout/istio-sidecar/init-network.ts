import { asBoolean, at } from '../../../lib/json.ts';
import { injectorValues } from '../../mesh/istio/mesh-settings.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { known, mapFact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { InitNetwork } from '../waves/init-network.ts';
import { hasNodeAgent } from './pod-security.ts';

/** Where charts of old and new releases, and what is given to them, switch the plugin on. */
const PLACES = [['pilot', 'cni'], ['istio_cni'], ['cni']] as const;

/**
 * What decides in a world with Istio's sidecars. The chart values of the injector say whether the plugin is in use
 * (`pilot.cni.enabled`, before 1.24 `istio_cni.enabled`); where they were not read, its agents on the nodes tell.
 * Source: istio manifests/charts/istio-control/istio-discovery/values.yaml.
 */
export function istioInitNetwork(world: World): InitNetwork {
  return {
    world,
    redirectedByPlugin: (workload) => {
      const { revision = 'default' } = dataPlaneOf(workload, workload.next, world).dataPlane;
      const enabled = mapFact(injectorValues(world, revision), (values) =>
        PLACES.some((place) => asBoolean(at(values, ...place, 'enabled')) === true),
      );
      return enabled.known ? enabled : known(hasNodeAgent(world));
    },
    exclusion: 'traffic.sidecar.istio.io/excludeOutboundPorts',
    proxyUser: 1337,
  };
}
