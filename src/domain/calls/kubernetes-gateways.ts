import { asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsIn, workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { CallSource } from './call.ts';
import { podsOf } from './find-workloads.ts';
import { fromOutsider, fromWorkload } from './found-calls.ts';
import { gatewayProxies } from './ingress-controllers.ts';

/** The label by which Istio, NGINX and others mark the pods that they run for one Gateway. */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
const ENVOY_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
const ENVOY_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';

/** Whether a Gateway of the Gateway API is a waypoint, which stands before calls that others make. */
export function isWaypoint(world: World, namespace: string, name: string): boolean {
  return classOf(world, namespace, name)?.includes('waypoint') === true;
}

/**
 * Who sends what is routed through a Gateway of the Gateway API: the workloads that serve it, or a load balancer that
 * bears its name where none is recognised; nobody for a waypoint.
 */
export function gatewaySenders(world: World, namespace: string, name: string): readonly CallSource[] {
  if (isWaypoint(world, namespace, name)) return [];
  const own = ownProxies(world, namespace, name);
  if (own.length > 0) return own.map(fromWorkload);
  const className = classOf(world, namespace, name);
  const gatewayClass = className === undefined ? undefined : world.get({ kind: KIND.gatewayClass, name: className });
  const shared = gatewayProxies(world, asText(at(gatewayClass?.spec, 'controllerName')) ?? '');
  if (shared.length > 0) return shared.map(fromWorkload);
  const suffix = className === undefined ? '' : `, class ${className}`;
  return [fromOutsider('load-balancer', `Gateway ${namespace}/${name}${suffix}`)];
}

/** The workloads that were made to serve that Gateway alone. */
export function ownProxies(world: World, namespace: string, name: string): readonly Workload[] {
  const near = workloadsIn(world, namespace).filter((workload) => hasLabels(workload, { [GATEWAY_NAME]: name }));
  if (near.length > 0) return near;
  const labels = { [ENVOY_NAME]: name, [ENVOY_NAMESPACE]: namespace };
  return workloadsOf(world).filter((workload) => hasLabels(workload, labels));
}

function classOf(world: World, namespace: string, name: string): string | undefined {
  return asText(at(world.get({ kind: KIND.kubernetesGateway, namespace, name })?.spec, 'gatewayClassName'));
}

function hasLabels(workload: Workload, labels: JsonObject): boolean {
  return podsOf(workload).some((pod) => Object.entries(labels).every(([key, value]) => pod.labels[key] === value));
}
