import { KIND } from '../../../kubernetes/kinds.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { asText, at } from '../../../../lib/json.ts';
import type { Evidence } from '../../../world/evidence.ts';
import { derivedFrom } from '../../../world/derived.ts';
import type { Fact } from '../../../world/fact.ts';
import type { Cohort } from '../../../world/workload.ts';
import type { World } from '../../../world/world.ts';
import type { ServerEnd } from '../../mesh.ts';
import { inboundOpaquePorts } from '../opaque-ports/effective.ts';
import { holdsPort } from '../opaque-ports/port-lists.ts';
import { PROXY_PORTS } from '../names.ts';
import type { AccessPolicy } from './access-policy.ts';
import type { Lookup } from './authentications.ts';
import { policiesOnServer } from './authorization-policies.ts';
import { defaultPolicyOf } from './default-policy.ts';
import { defaultLabel, grantsOfPolicy, type Grant, type Label } from './grant.ts';
import { EVERYWHERE, networksOf } from './networks.ts';
import type { Proxied } from './place.ts';
import { probePaths } from './probes.ts';
import { routesOfServer, routesWithoutServer, type RouteTable } from './routes.ts';
import { serverAuthorizations } from './server-authorizations.ts';
import { chooseServer, serversAbout, serversOnPort, type LinkerdServer, type ProxyProtocol } from './servers.ts';
import { ordersServers } from '../versions.ts';

/** What the proxy of a pod is told about one of its ports. */
export interface InboundPolicy {
  /** The Server, or the default policy. */
  readonly label: Label;
  /** The policy that holds where nothing else grants; `deny` where a Server's says nothing. */
  readonly access: Fact<AccessPolicy>;
  readonly fromServer: boolean;
  readonly protocol: ProxyProtocol;
  /** What it grants whatever the route. */
  readonly grants: readonly Grant[];
  /** Why there may be other grants. */
  readonly grantGap: string | undefined;
  readonly table: RouteTable;
  readonly evidence: readonly Evidence[];
  /** Objects that say something about the port, without routes. */
  readonly objects: readonly KubeObject[];
}

/** The policies of which one is in force on a port. */
export interface InboundChoice {
  readonly possible: readonly InboundPolicy[];
  /** Why it is not known which; undefined where there is one. */
  readonly why: string | undefined;
  /** Why others that nobody read may be in force. */
  readonly gap: string | undefined;
}

const SOURCE = 'linkerd2 policy-controller/k8s/index/src/inbound/index.rs#inbound_server';

/** The policy of a port: that of the Server about it, else the pod's default; found once for each world. */
export function inboundPolicies(server: ServerEnd, place: Proxied, world: World): InboundChoice {
  const found = derivedFrom(world, newChoices);
  const ofCohort = found.get(server.cohort) ?? new Map<number, InboundChoice>();
  found.set(server.cohort, ofCohort);
  const choice = ofCohort.get(server.port) ?? findPolicies(server, place, world);
  ofCohort.set(server.port, choice);
  return choice;
}

function newChoices(): WeakMap<Cohort, Map<number, InboundChoice>> {
  return new WeakMap();
}

function findPolicies(server: ServerEnd, place: Proxied, world: World): InboundChoice {
  const { namespace } = server.workload;
  const servers = serversOnPort(serversAbout(namespace, place.pod, world), place.pod, server.port);
  const { possible, why } = chooseServer(servers, { ordered: ordersServers(place.plane.version), world });
  const lookup: Lookup = { plane: place.plane, world };
  return {
    possible: possible.map((one) =>
      one === undefined ? byDefault(server, place, lookup) : byServer(one, server.port, { place, lookup }),
    ),
    why,
    gap: world.listIn(KIND.linkerdServer, namespace).gap,
  };
}

function byDefault({ port }: ServerEnd, place: Proxied, lookup: Lookup): InboundPolicy {
  const { policy, evidence } = defaultPolicyOf(place, port);
  const isOpaque = port !== PROXY_PORTS.admin && holdsPort(inboundOpaquePorts(place.pod), port);
  return {
    label: defaultLabel(policy.known ? policy.value : 'unknown'),
    access: policy,
    fromServer: false,
    protocol: isOpaque ? 'opaque' : 'unknown',
    grants: policy.known ? grantsOfPolicy(policy.value, clusterNetworks(lookup)) : [perhapsAll(policy.reason)],
    grantGap: undefined,
    table: routesWithoutServer(probePaths(place.pod, port), lookup),
    evidence,
    objects: [],
  };
}

function byServer(
  server: LinkerdServer,
  port: number,
  { place, lookup }: { readonly place: Proxied; readonly lookup: Lookup },
): InboundPolicy {
  const [legacy, policies] = [serverAuthorizations(server.object, lookup), policiesOnServer(server.object, lookup)];
  const access = server.accessPolicy ?? 'deny';
  const rule = `The Server is about port ${String(port)}, so its policy holds there and the default does not.`;
  return {
    label: { group: 'policy.linkerd.io', kind: 'server', name: server.name },
    access: { known: true, value: access },
    fromServer: true,
    protocol: server.protocol,
    grants: [...legacy.grants, ...policies.grants, ...grantsOfPolicy(access, clusterNetworks(lookup))],
    grantGap: legacy.gap ?? policies.gap,
    table: routesOfServer(server, probePaths(place.pod, port), lookup),
    evidence: [{ object: server.ref, ...accessField(server), rule, source: SOURCE }],
    objects: [server.object, ...legacy.objects, ...policies.objects],
  };
}

function accessField({ object }: LinkerdServer): Pick<Evidence, 'field' | 'value'> {
  const value = asText(at(object.spec, 'accessPolicy'));
  return value === undefined ? {} : { field: 'spec.accessPolicy', value };
}

function clusterNetworks({ plane }: Lookup): Grant['networks'] {
  return networksOf(plane.clusterNetworks, 'clusterNetworks');
}

/** Stands for the grants of a policy that is not known. */
function perhapsAll(doubt: string): Grant {
  return { label: defaultLabel('unknown'), clients: { kind: 'anybody' }, networks: EVERYWHERE, doubt };
}
