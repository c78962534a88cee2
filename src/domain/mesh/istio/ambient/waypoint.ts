import { asList, asObjects, asText, at } from '../../../../lib/json.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../../kubernetes/label-selector.ts';
import { formatRef, refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import { labelsOfNamespace } from '../config-visibility.ts';
import { namespaceLabels } from '../enrolment.ts';

/** What a waypoint may be asked to take: calls to a Service, or to the address of a pod. */
export type WaypointTraffic = 'service' | 'workload';

/** What a waypoint is looked up for. */
export interface WaypointQuestion {
  readonly namespace: string;
  /** Labels and annotations of the Service or the pod. */
  readonly labels: Readonly<Record<string, string>>;
  readonly traffic: WaypointTraffic;
}

const USE = 'istio.io/use-waypoint';
const USE_NAMESPACE = 'istio.io/use-waypoint-namespace';
const CANARY = 'istio.io/use-waypoint-canary';
const FOR = 'istio.io/waypoint-for';
const MANAGED = 'gateway.istio.io/managed';
const CLASS = 'istio-waypoint';

/**
 * The Gateway that takes calls of ambient clients to a Service or a pod on their way; known undefined where none does:
 * nothing names one, what is named is not ready, serves other traffic, or may not be used from the namespace. There is
 * no second choice.
 * Source: istio pilot/pkg/serviceregistry/ambient/waypoints.go, fetchWaypointForTarget.
 */
export function waypointFor(question: WaypointQuestion, world: World): Fact<KubeObject | undefined> {
  const { namespace, labels, traffic } = question;
  // A waypoint or an east-west gateway has none before itself.
  if (traffic === 'service' && labels[MANAGED]?.startsWith('istio.io-') === true) return known(undefined);
  const space = namespaceLabels(world, namespace);
  if (!space.known && labels[USE] === undefined) return space;
  const source = labels[USE] !== undefined || !space.known ? labels : space.value.labels;
  const name = source[USE];
  if (name === undefined || name === 'none') return known(undefined);
  if ([labels, source].some((each) => (each[CANARY] ?? 'none') !== 'none'))
    return unknown(`label ${CANARY} sends some of the calls to a second waypoint`);
  const gateway = gatewayNamed(world, { namespace: source[USE_NAMESPACE] ?? namespace, name });
  if (!gateway.known || gateway.value === undefined) return gateway;
  return serving(gateway.value, question, world);
}

function gatewayNamed(
  world: World,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Fact<KubeObject | undefined> {
  const found = world.get({ kind: KIND.kubernetesGateway, namespace, name });
  if (found !== undefined) return known(found);
  const { gap } = world.listIn(KIND.kubernetesGateway, namespace);
  return gap === undefined ? known(undefined) : unknown(`Gateway ${namespace}/${name} was not read: ${gap}`);
}

function serving(gateway: KubeObject, question: WaypointQuestion, world: World): Fact<KubeObject | undefined> {
  const ready = isReady(gateway, world);
  if (!ready) return known(undefined);
  const className = asText(at(gateway.spec, 'gatewayClassName'));
  if (className !== CLASS)
    return unknown(`${formatRef(refOf(gateway))} is used as a waypoint and is of class ${className ?? 'none'}`);
  const allowed = allows(gateway, question.namespace, world);
  if (!allowed.known || !allowed.value) return mapFact(allowed, nothing);
  return mapFact(trafficOf(gateway, world), (served) =>
    served === 'all' || served === question.traffic ? gateway : undefined,
  );
}

function nothing(): undefined {
  return undefined;
}

/** A Gateway that is only planned or declared has no status: that it becomes ready is an assumption. */
function isReady(gateway: KubeObject, world: World): boolean {
  return asList(at(gateway.status, 'addresses')).length > 0 || isAssumed(gateway, world);
}

/** Whether the waypoint stands only in a plan or a file, so that its pods and its address are assumed. */
export function isAssumed(gateway: KubeObject, world: World): boolean {
  return gateway.origin.from !== 'read' || world.coverage.basis === 'declared';
}

/** `istio.io/waypoint-for` of the Gateway, else of its class, else Services. */
function trafficOf(gateway: KubeObject, world: World): Fact<string> {
  const own = gateway.metadata.labels[FOR];
  if (own !== undefined) return known(own);
  const found = world.get({ kind: KIND.gatewayClass, name: CLASS });
  const { gap } = world.list(KIND.gatewayClass);
  if (found === undefined && gap !== undefined) return unknown(`GatewayClass ${CLASS} was not read: ${gap}`);
  return known(found?.metadata.labels[FOR] ?? 'service');
}

/** `allowedRoutes` of the listener for HBONE; only its own namespace by default. */
function allows(gateway: KubeObject, namespace: string, world: World): Fact<boolean> {
  const listener = asObjects(at(gateway.spec, 'listeners')).find(
    (each) => each['protocol'] === 'HBONE' && each['port'] === 15008,
  );
  const from = asText(at(listener, 'allowedRoutes', 'namespaces', 'from')) ?? 'Same';
  if (from === 'All') return known(true);
  if (from !== 'Selector') return known(namespace === gateway.metadata.namespace);
  const selector = parseLabelSelector(at(listener, 'allowedRoutes', 'namespaces', 'selector'));
  return mapFact(namespaceLabels(world, namespace), (space) => matchesSelector(selector, labelsOfNamespace(space)));
}
