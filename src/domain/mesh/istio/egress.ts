import { KIND } from '../../kubernetes/kinds.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd } from '../mesh.ts';
import { waypointFor } from './ambient/waypoint.ts';
import { outboundPolicy } from './client-side.ts';
import { dataPlaneOf } from './data-plane.ts';
import { labelsInForce } from './labels-in-force.ts';
import { egressToUnknownHost } from './protocol/egress.ts';
import { modifierOf, proxyView } from './proxy-view.ts';

/**
 * Whether the client may call hosts that the mesh does not know: without a proxy, and with outboundTrafficPolicy
 * ALLOW_ANY, which passes such calls through as they are; otherwise a host must be registered.
 */
export function egressOf(client: ClientEnd, world: World): Fact<boolean> {
  const { workload, cohort } = client;
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined) return known(true);
  if (dataPlane.mode === 'ambient') return throughZtunnel(dataPlane.captured, world);
  if (dataPlane.mode !== 'sidecar') return unknown(`where a client in mode ${dataPlane.mode} may call is not modelled`);
  if (!dataPlane.captured.known || !dataPlane.captured.value) return mapFact(dataPlane.captured, passes);
  const view = proxyView(world, dataPlane.revision ?? 'default');
  if (!view.known) return view;
  const modifier = modifierOf(view.value, workload.namespace, labelsInForce(workload, cohort));
  if (modifier !== undefined) return unknown(modifier);
  const policy = outboundPolicy(view.value, client, false);
  if (!policy.known) return policy;
  const result = egressToUnknownHost(policy.value, { listener: 'other', wire: 'tls', payload: 'tcp' });
  return mapFact(result, (where) => where === 'PassthroughCluster');
}

/** ztunnel holds nothing back that it does not know; only a waypoint of an entry for the host could. */
function throughZtunnel(captured: Fact<boolean>, world: World): Fact<boolean> {
  if (!captured.known || !captured.value) return mapFact(captured, passes);
  const { objects, gap } = world.list(KIND.serviceEntry);
  if (gap !== undefined) return unknown(gap);
  for (const { metadata } of objects) {
    const question = { namespace: metadata.namespace ?? '', labels: metadata.labels, traffic: 'service' } as const;
    const waypoint = waypointFor(question, world);
    if (!waypoint.known) return waypoint;
    if (waypoint.value !== undefined)
      return unknown(`a waypoint stands before the hosts of ServiceEntry ${question.namespace}/${metadata.name}`);
  }
  return known(true);
}

function passes(): boolean {
  return true;
}
