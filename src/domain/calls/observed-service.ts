import { parseIp } from '../kubernetes/cidr.ts';
import { clusterHosts } from '../world/cluster-dns.ts';
import type { Service } from '../world/service.ts';
import type { World } from '../world/world.ts';
import { NO_NAMESPACE, type CallRow, type CallTarget, type SeenCall } from './call.ts';
import { findService, missingService, servicesNamed } from './find-services.ts';
import { targetAtPort, type PortTarget } from './target-at-port.ts';

/** A row that names a Service and its port. */
export type ServiceRow = SeenCall & Pick<CallRow, 'service' | 'port'>;

type FoundService = { readonly service: Service } | { readonly host: string } | { readonly reason: string };

/**
 * The target of a row. The port may be a Service port, a node port, or a pod's port behind the Service; a host that no
 * Service has is an external one.
 */
export function observedTarget(world: World, row: ServiceRow, clientNamespace: string | undefined): PortTarget {
  if (!Number.isInteger(row.port) || row.port < 1 || row.port > 65_535) {
    return { targets: [], reason: `${String(row.port)} is no port` };
  }
  const found = serviceOfRow(world, row, clientNamespace);
  if ('reason' in found) return nowhere(placeNamed(row, clientNamespace), row.port, `service: ${found.reason}`);
  if ('host' in found) return { targets: [{ kind: 'external-host', host: found.host, port: row.port }] };
  const target = targetAtPort(world, found.service, row.port);
  if (target.targets.length > 0 || target.reason === undefined) return target;
  return nowhere({ namespace: found.service.namespace, service: found.service.name }, row.port, target.reason);
}

type Place = Pick<Extract<CallTarget, { kind: 'service-port' }>, 'namespace' | 'service'>;

/** Somebody did call: what answers is not known, and the call must not vanish for that. */
function nowhere(place: Place, port: number, reason: string): PortTarget {
  return { targets: [{ kind: 'service-port', ...place, port }], reason, remark: reason };
}

/** The client's namespace holds no Service of that name, or the row would have been understood. */
function placeNamed({ service, serviceNamespace }: ServiceRow, clientNamespace: string | undefined): Place {
  const [head = '', tail] = service.split('/');
  if (serviceNamespace !== undefined) return { namespace: serviceNamespace, service };
  return tail === undefined
    ? { namespace: clientNamespace ?? NO_NAMESPACE, service }
    : { namespace: head, service: tail };
}

/** The Service that a row names, the outside host that it does, or why it is neither. */
export function serviceOfRow(
  world: World,
  row: Pick<ServiceRow, 'service' | 'serviceNamespace'>,
  clientNamespace: string | undefined,
): FoundService {
  const [head = '', tail] = row.service.split('/');
  const namespace = row.serviceNamespace ?? (tail === undefined ? undefined : head);
  const name = row.serviceNamespace === undefined && tail !== undefined ? tail : row.service;
  if (namespace !== undefined) {
    const service = findService(world, namespace, name);
    return service === undefined ? byHost(world, name, namespace) : { service };
  }
  const near = clientNamespace === undefined ? undefined : findService(world, clientNamespace, name);
  if (near !== undefined) return { service: near };
  const [service, second] = servicesNamed(world, name);
  if (service === undefined) return byHost(world, name, clientNamespace ?? '');
  if (second === undefined) return { service };
  const places = servicesNamed(world, name).map((each) => each.namespace);
  return { reason: `Service ${name} is in namespaces ${places.slice(0, 5).join(', ')}; the row names none` };
}

function byHost(world: World, host: string, namespace: string): FoundService {
  const candidates = clusterHosts(host, namespace);
  for (const candidate of candidates) {
    const service = findService(world, candidate.namespace, candidate.service);
    if (service !== undefined) return { service };
  }
  const inCluster = candidates.find((candidate) => candidate.explicit || !host.includes('.'));
  if (inCluster !== undefined) {
    if (inCluster.namespace === '') return { reason: `there is no Service ${host}` };
    return { reason: missingService(world, inCluster.namespace, inCluster.service) };
  }
  const outside = host.includes('.') || parseIp(host) !== undefined;
  return outside ? { host: host.toLowerCase() } : { reason: `there is no Service ${host}` };
}
