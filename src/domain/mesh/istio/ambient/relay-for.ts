import { sortedUnique } from '../../../../lib/order.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import { cohortsOf } from '../../../world/workload.ts';
import { workloadsIn } from '../../../world/workloads-of.ts';
import type { World } from '../../../world/world.ts';
import type { Service } from '../../../world/service.ts';
import type { Outbound, Relay } from '../../mesh.ts';
import { spiffeId } from '../authorization/peer-match.ts';
import { namespaceLabels } from '../enrolment.ts';
import type { ProxyView } from '../proxy-view.ts';
import { isAssumed, waypointFor, type WaypointQuestion } from './waypoint.ts';
import { ztunnelView } from './ztunnel-agent.ts';

/** The label that ties a proxy's pods to their Gateway. */
export const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/**
 * The waypoint on the way to a Service or a pod, with the identity under which it calls on; known undefined where there
 * is none. Unknown where the waypoint, its pods or its account were not read.
 */
export function relayFor(question: WaypointQuestion, world: World): Fact<Relay | undefined> {
  const gateway = waypointFor(question, world);
  if (!gateway.known) return gateway;
  if (gateway.value === undefined) return known(undefined);
  const view = ztunnelView(world);
  return view.known ? relayOf(gateway.value, view.value) : view;
}

/**
 * The waypoint that a gateway sends calls to a Service through; known undefined where it goes straight to the pods:
 * only a label on the Service or its namespace makes it take the waypoint. Sidecars never do.
 * Source: istio pilot/pkg/xds/endpoints/endpoint_builder.go, findServiceWaypoint.
 */
export function gatewayRelay(service: Service, world: World): Fact<Pick<Outbound, 'relay' | 'why'> | undefined> {
  const { namespace, object, headless } = service;
  const { labels } = object.metadata;
  const space = namespaceLabels(world, namespace);
  if (headless) return known(undefined);
  if (labels[INGRESS] === undefined && !space.known) return space;
  const written = labels[INGRESS] ?? (space.known ? space.value.labels[INGRESS] : undefined);
  if (written?.toLowerCase() !== 'true') return known(undefined);
  const relay = relayFor({ namespace, labels, traffic: 'service' }, world);
  return mapFact(relay, (found) => (found === undefined ? undefined : { relay: found, why: whyRelayed(found) }));
}

const INGRESS = 'istio.io/ingress-use-waypoint';

/** Why a call takes the relay, for messages. */
export function whyRelayed({ object }: Relay): string {
  return `the call goes through waypoint ${formatRef(object)}, which takes nothing but HBONE`;
}

function relayOf(gateway: KubeObject, { world, settings }: ProxyView): Fact<Relay> {
  const namespace = gateway.metadata.namespace ?? '';
  const account = accountOf(gateway, world);
  if (!account.known) return account;
  return known({ object: refOf(gateway), identity: spiffeId(settings.trustDomain, namespace, account.value) });
}

/** The account of the waypoint's pods; one that nobody made yet gets an account of its own name. */
function accountOf(gateway: KubeObject, world: World): Fact<string> {
  const { name, namespace = '' } = gateway.metadata;
  const label = formatRef(refOf(gateway));
  const cohorts = workloadsIn(world, namespace)
    .flatMap(cohortsOf)
    .filter(({ pod }) => pod.labels[GATEWAY_NAME] === name);
  const [account, another] = sortedUnique(cohorts.map(({ pod }) => pod.serviceAccount));
  if (another !== undefined) return unknown(`the pods of ${label} run under several accounts`);
  const { gap } = world.listIn(KIND.pod, namespace);
  if (gap !== undefined) return unknown(`the pods of ${label} were not read: ${gap}`);
  if (account !== undefined) return known(account);
  return isAssumed(gateway, world) ? known(name) : unknown(`no pod of ${label} was found`);
}
