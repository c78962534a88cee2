import { sortedUnique } from '../../../../lib/order.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import { readPodShape, type PodShape } from '../../../world/pod-shape.ts';
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
  const pods = podsOf(gateway, world);
  if (!pods.known) return pods;
  const account = accountOf(gateway, pods.value);
  if (!account.known) return account;
  const identity = spiffeId(settings.trustDomain, namespace, account.value);
  return known({ object: refOf(gateway), identity, pods: pods.value });
}

/** The pods of a waypoint that runs, the next ones with them; of one that nobody made yet those that will be made. */
function podsOf(gateway: KubeObject, world: World): Fact<readonly PodShape[]> {
  const { name, namespace = '' } = gateway.metadata;
  const label = formatRef(refOf(gateway));
  const cohorts = workloadsIn(world, namespace)
    .flatMap(cohortsOf)
    .filter(({ pod }) => pod.labels[GATEWAY_NAME] === name);
  const { gap } = world.listIn(KIND.pod, namespace);
  if (gap !== undefined) return unknown(`the pods of ${label} were not read: ${gap}`);
  const runs = cohorts.some(({ state }) => state === 'live') || isAssumed(gateway, world);
  if (!runs) return unknown(`no pod of ${label} runs, so nobody takes the call there`);
  return known(cohorts.length === 0 ? [assumedPod(gateway)] : cohorts.map(({ pod }) => pod));
}

/** The pod that the controller makes for a Gateway, as far as it is known beforehand. */
function assumedPod({ metadata: { name, labels } }: KubeObject): PodShape {
  return readPodShape({ labels: { ...labels, [GATEWAY_NAME]: name } }, { serviceAccountName: name });
}

function accountOf(gateway: KubeObject, pods: readonly PodShape[]): Fact<string> {
  const [account, another] = sortedUnique(pods.map(({ serviceAccount }) => serviceAccount));
  if (account !== undefined && another === undefined) return known(account);
  return unknown(`the pods of ${formatRef(refOf(gateway))} run under several accounts`);
}
