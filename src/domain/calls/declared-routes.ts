import { asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../kubernetes/object.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsIn, workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import type { CallSource } from './call.ts';
import { podsOf } from './find-workloads.ts';
import { fromOutsider, fromWorkload, joinFound, type FoundCalls } from './found-calls.ts';
import { gatewayProxies } from './ingress-controllers.ts';

const ROUTES: readonly (readonly [Kind, string])[] = [
  [KIND.httpRoute, 'http'],
  [KIND.grpcRoute, 'grpc'],
  [KIND.tcpRoute, 'tcp'],
  [KIND.tlsRoute, 'tls'],
];

/** The label by which Istio, NGINX and others mark the pods that they run for one Gateway. */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
const ENVOY_NAME = 'gateway.envoyproxy.io/owning-gateway-name';
const ENVOY_NAMESPACE = 'gateway.envoyproxy.io/owning-gateway-namespace';

/**
 * The calls of gateways to the Services behind Gateway API routes, mirrors included. Routes whose parent is a Service
 * say nothing about who calls; nor do those of a waypoint, which stands before calls that others make.
 */
export function declaredRoutes(world: World): FoundCalls {
  return joinFound(
    ROUTES.flatMap(([kind, protocol]) => world.list(kind).objects.map((route) => fromRoute(world, route, protocol))),
  );
}

function fromRoute(world: World, route: KubeObject, protocol: string): FoundCalls {
  const parents = asObjects(at(route.spec, 'parentRefs')).filter(
    (parent) => (asText(parent['kind']) ?? 'Gateway') === 'Gateway',
  );
  const home = route.metadata.namespace ?? '';
  const senders = parents.flatMap((parent) =>
    gatewaySenders(world, asText(parent['namespace']) ?? home, asText(parent['name']) ?? ''),
  );
  const backends = asObjects(at(route.spec, 'rules')).flatMap((rule) => [
    ...asObjects(rule['backendRefs']),
    ...asObjects(rule['filters']).map((filter) => at(filter, 'requestMirror', 'backendRef')),
  ]);
  const evidence = { kind: 'declared', source: formatRef(refOf(route)), detail: hostsOf(route) } as const;
  return joinFound(
    backends.map((backend) => {
      const service = asText(at(backend, 'name'));
      if (service === undefined || (asText(at(backend, 'kind')) ?? 'Service') !== 'Service') return joinFound([]);
      const namespace = asText(at(backend, 'namespace')) ?? home;
      return callsToBackend(world, { namespace, service, port: at(backend, 'port') }, { senders, evidence, protocol });
    }),
  );
}

function hostsOf(route: KubeObject): string {
  const hosts = at(route.spec, 'hostnames');
  return Array.isArray(hosts) && hosts.length > 0
    ? hosts.filter((host) => typeof host === 'string').join(', ')
    : 'any host';
}

function gatewaySenders(world: World, namespace: string, name: string): readonly CallSource[] {
  const gateway = world.get({ kind: KIND.kubernetesGateway, namespace, name });
  const className = asText(at(gateway?.spec, 'gatewayClassName'));
  if (className?.includes('waypoint') === true) return [];
  const own = ownProxies(world, namespace, name);
  if (own.length > 0) return own.map(fromWorkload);
  const gatewayClass = className === undefined ? undefined : world.get({ kind: KIND.gatewayClass, name: className });
  const shared = gatewayProxies(world, asText(at(gatewayClass?.spec, 'controllerName')) ?? '');
  if (shared.length > 0) return shared.map(fromWorkload);
  const suffix = className === undefined ? '' : `, class ${className}`;
  return [fromOutsider('load-balancer', `Gateway ${namespace}/${name}${suffix}`)];
}

function ownProxies(world: World, namespace: string, name: string): readonly Workload[] {
  const near = workloadsIn(world, namespace).filter((workload) => hasLabels(workload, { [GATEWAY_NAME]: name }));
  if (near.length > 0) return near;
  const labels = { [ENVOY_NAME]: name, [ENVOY_NAMESPACE]: namespace };
  return workloadsOf(world).filter((workload) => hasLabels(workload, labels));
}

function hasLabels(workload: Workload, labels: JsonObject): boolean {
  return podsOf(workload).some((pod) => Object.entries(labels).every(([key, value]) => pod.labels[key] === value));
}
