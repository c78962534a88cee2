import { asObjects, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import { ciliumAgents } from './agents.ts';
import { mayServePolicies } from './claim.ts';
import { endpointLabels, rulesOf, selectsEndpoint } from './policies.ts';

/** One end of a connection: at a server what comes in is judged, at a client what goes out. */
export interface JudgedEnd {
  readonly namespace: string;
  readonly pod: PodShape;
  readonly direction: 'Ingress' | 'Egress';
}

const FIELDS = { Ingress: ['ingress', 'ingressDeny'], Egress: ['egress', 'egressDeny'] } as const;

/**
 * The policies of Cilium that judge ports at one end of a connection. Whether they admit a port is not followed. None
 * where such policies were not read and nothing says that the cluster knows them.
 */
export function portPoliciesFor(end: JudgedEnd, world: World): Fact<readonly KubeObject[]> {
  if (end.pod.hostNetwork) return known([]);
  const ofNamespace = world.listIn(KIND.ciliumNetworkPolicy, end.namespace);
  const ofCluster = world.list(KIND.ciliumClusterwideNetworkPolicy);
  const judging = [...ofNamespace.objects, ...ofCluster.objects].filter((policy) =>
    rulesOf(policy).some((rule) => judgesPorts(rule, end.direction)),
  );
  if (judging.length > 0) {
    const labels = endpointLabels(end.namespace, end.pod, world);
    if (!labels.known) return labels;
    const found = judging.filter((policy) =>
      rulesOf(policy).some(
        (rule) => judgesPorts(rule, end.direction) && selectsEndpoint(rule['endpointSelector'], labels.value),
      ),
    );
    if (found.length > 0) return known(found);
  }
  const gap = ofNamespace.gap ?? ofCluster.gap;
  return gap === undefined || !isServed(world) ? known([]) : unknown(gap);
}

function judgesPorts(rule: JsonObject, direction: JudgedEnd['direction']): boolean {
  return FIELDS[direction].some((field) =>
    asObjects(rule[field]).some((each) => asObjects(each['toPorts']).length > 0),
  );
}

function isServed(world: World): boolean {
  const agents = ciliumAgents(world);
  return agents.known ? agents.value !== undefined : mayServePolicies(world);
}
