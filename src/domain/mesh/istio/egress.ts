import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd } from '../mesh.ts';
import { dataPlaneOf } from './data-plane.ts';
import { proxyView, visibleAmong } from './proxy-view.ts';

/**
 * Whether the client's proxy passes calls to hosts that the mesh does not know: `outboundTrafficPolicy.mode` of the
 * mesh configuration, ALLOW_ANY by default; a Sidecar resource may set its own.
 * Source: istio pilot/pkg/networking/core/sidecar_simulation_test.go#TestPassthroughTraffic.
 */
export function egressOf(client: ClientEnd, world: World): Fact<boolean> {
  const dataPlane = dataPlaneOf(client.workload, client.cohort, world);
  if (dataPlane === undefined) return known(true);
  if (dataPlane.mode !== 'sidecar')
    return unknown(`what a client in mode ${dataPlane.mode} may call outside is not modelled`);
  const view = proxyView(world, dataPlane.revision ?? 'default');
  if (!view.known) return view;
  const { settings } = view.value;
  const sidecars = visibleAmong(view.value, KIND.sidecar, [client.workload.namespace, settings.rootNamespace]);
  if (sidecars.gap !== undefined) return unknown(sidecars.gap);
  const own = sidecars.objects.find(({ spec }) => asText(at(spec, 'outboundTrafficPolicy', 'mode')) !== undefined);
  if (own !== undefined) {
    const { namespace, name } = own.metadata;
    return unknown(`Sidecar ${namespace ?? ''}/${name} sets an outboundTrafficPolicy of its own`);
  }
  return known((settings.outboundTrafficPolicy ?? 'ALLOW_ANY') === 'ALLOW_ANY');
}
