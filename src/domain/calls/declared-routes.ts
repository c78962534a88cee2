import { asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import { joinFound, type FoundCalls } from './found-calls.ts';
import { gatewaySenders } from './kubernetes-gateways.ts';

const ROUTES: readonly (readonly [Kind, string])[] = [
  [KIND.httpRoute, 'http'],
  [KIND.grpcRoute, 'grpc'],
  [KIND.tcpRoute, 'tcp'],
  [KIND.tlsRoute, 'tls'],
];

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
  const backends = asObjects(at(route.spec, 'rules')).flatMap((rule) => {
    const refs = asObjects(rule['backendRefs']);
    return [...refs, ...mirrorsOf(rule), ...refs.flatMap(mirrorsOf)];
  });
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

function mirrorsOf(part: JsonObject): readonly unknown[] {
  return asObjects(part['filters']).map((filter) => at(filter, 'requestMirror', 'backendRef'));
}

function hostsOf(route: KubeObject): string {
  const hosts = at(route.spec, 'hostnames');
  return Array.isArray(hosts) && hosts.length > 0
    ? hosts.filter((host) => typeof host === 'string').join(', ')
    : 'any host';
}
