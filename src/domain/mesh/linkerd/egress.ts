import { asObjects, asText, asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { ClientEnd } from '../mesh.ts';
import { dataPlaneOf, planeOfPod, runningPod } from './data-plane.ts';
import { egressCandidates, type EgressNetwork } from './protocol/egress-network.ts';

/**
 * Whether the client may call hosts outside the cluster: unless an EgressNetwork of its namespace, or where there is
 * none of the global one, denies what no route allows. Unknown where one does, because addresses are not known here.
 */
export function egressOf(client: ClientEnd, world: World): Fact<boolean> {
  const { workload, cohort } = client;
  const dataPlane = dataPlaneOf(workload, cohort, world);
  if (dataPlane === undefined || dataPlane.mode === 'none') return known(true);
  if (dataPlane.mode !== 'sidecar') return unknown(dataPlane.reason);
  if (dataPlane.captured.known && !dataPlane.captured.value) return known(true);
  const { objects, gap } = world.list(KIND.egressNetwork);
  if (objects.every(({ spec }) => policyOf(spec) === 'Allow')) return gap === undefined ? known(true) : unknown(gap);
  const pod = runningPod(workload, cohort, world);
  const plane = pod.known ? planeOfPod(pod.value, world) : pod;
  if (!plane.known) return plane;
  const global = plane.value.globalEgressNetworkNamespace;
  if (!global.known) return global;
  const call = { clientNamespace: workload.namespace, globalNamespace: global.value };
  const denying = egressCandidates(objects.map(readEgressNetwork), call).find(
    ({ trafficPolicy }) => trafficPolicy === 'Deny',
  );
  if (denying === undefined) return gap === undefined ? known(true) : unknown(gap);
  return unknown(`EgressNetwork ${denying.namespace}/${denying.name} denies what no route allows`);
}

/** An EgressNetwork object as it is chosen; without networks it stands for every address outside the cluster. */
export function readEgressNetwork(object: KubeObject): EgressNetwork {
  const { namespace = '', name, creationTimestamp } = object.metadata;
  const networks = asObjects(at(object.spec, 'networks')).map((network) => ({
    cidr: asText(network['cidr']) ?? '',
    except: asTexts(network['except']),
  }));
  return {
    namespace,
    name,
    networks: networks.length > 0 ? networks : EVERYWHERE,
    trafficPolicy: policyOf(object.spec),
    ...(creationTimestamp === undefined ? {} : { created: creationTimestamp }),
  };
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'].map((cidr) => ({ cidr, except: [] }));

function policyOf(spec: unknown): EgressNetwork['trafficPolicy'] {
  return at(spec, 'trafficPolicy') === 'Allow' ? 'Allow' : 'Deny';
}
