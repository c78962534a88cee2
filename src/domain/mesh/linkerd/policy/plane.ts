import { mapFact, unknown, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { World } from '../../../world/world.ts';
import type { LinkerdControlPlane } from '../control-plane.ts';
import { planeOfPod } from '../data-plane.ts';
import { linkerdIdentity } from '../identity.ts';
import { linkerdMarks } from '../recognise.ts';

/** What the rules of policy need of a control plane. */
export type PolicyPlane = Pick<
  LinkerdControlPlane,
  'namespace' | 'version' | 'clusterNetworks' | 'probeNetworks' | 'defaultInboundPolicy' | 'trustDomain' | 'skipSubnets'
>;

/** The control plane of a pod; where it was not read, one of which nothing is known. */
export function policyPlaneOf(pod: PodShape, world: World): PolicyPlane {
  const plane = planeOfPod(pod, world);
  if (plane.known) return plane.value;
  const nothing = unknown(plane.reason);
  return {
    namespace: linkerdMarks(pod).controlPlane ?? '',
    version: nothing,
    clusterNetworks: nothing,
    probeNetworks: nothing,
    defaultInboundPolicy: nothing,
    trustDomain: nothing,
    skipSubnets: nothing,
  };
}

/** The identity of an account's pods; unknown where the trust domain is. */
export function accountIdentity(plane: PolicyPlane, namespace: string, serviceAccount: string): Fact<string> {
  return mapFact(plane.trustDomain, (trustDomain) =>
    linkerdIdentity({ controlPlaneNamespace: plane.namespace, trustDomain, namespace, serviceAccount }),
  );
}
