import { parseIp } from '../kubernetes/cidr.ts';
import { asText, asTexts, at } from '../../lib/json.ts';
import { clusterHosts, type ClusterHost } from '../world/cluster-dns.ts';
import type { HostToken } from '../world/host-tokens.ts';
import { servicesOf, type Service } from '../world/service.ts';
import type { World } from '../world/world.ts';
import type { CallTarget } from './call.ts';
import { containerPorts, findService, missingService, transportOf, workloadsBehind } from './find-services.ts';
import { targetAtPort, type PortTarget } from './target-at-port.ts';

/** What a host in a pod's configuration means; no target and no reason where it is no host at all, or the pod itself. */
export type HostTarget = PortTarget & { readonly protocol?: string };

const SCHEME_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
  ['mysql', 3306],
  ['postgres', 5432],
  ['postgresql', 5432],
  ['redis', 6379],
  ['mongodb', 27_017],
  ['amqp', 5672],
  ['nats', 4222],
]);
const ITSELF = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?)$|\.localhost$/;
const PUBLIC_NAME = /^(\*\.)?([a-z0-9_-]+\.)+[a-z][a-z0-9-]*[a-z]$/;

const TOP_LEVEL: ReadonlySet<string> = new Set(
  'com org net edu gov mil int info biz dev app cloud tech online site xyz local internal corp lan home test example'.split(
    ' ',
  ),
);

const clusterIps = new WeakMap<World, ReadonlyMap<string, Service>>();

/**
 * What a host means to a pod of the namespace: a Service (at the port given, the scheme's own, or each of its ports),
 * an instance behind a headless Service, or a host outside. A single word that is no Service there is not a host.
 */
export function hostTarget(world: World, token: HostToken, namespace: string): HostTarget {
  const host = token.host.toLowerCase().replace(/\.$/, '');
  if (ITSELF.test(host)) return { targets: [] };
  const protocol = protocolOf(token.scheme);
  const spoken = protocol === undefined ? {} : { protocol };
  const candidates = clusterHosts(host, namespace);
  for (const candidate of candidates) {
    const service = findService(world, candidate.namespace, candidate.service);
    if (service === undefined || (candidate.instance !== undefined && !service.headless)) continue;
    const target =
      candidate.instance === undefined ? ofService(world, service, token) : ofInstance(world, service, token);
    return { ...target, ...spoken };
  }
  return { ...beyondServices(world, host, { token, candidates }), ...spoken };
}

function beyondServices(
  world: World,
  host: string,
  { token, candidates }: { readonly token: HostToken; readonly candidates: readonly ClusterHost[] },
): PortTarget {
  const byAddress = serviceIps(world).get(host);
  if (byAddress !== undefined) return ofService(world, byAddress, token);
  const isApiServer = candidates.some(({ namespace, service }) => namespace === 'default' && service === 'kubernetes');
  if (!isApiServer && host.includes('.')) {
    const namespaces = world.namespaces();
    const meant = candidates.find(
      (each) =>
        each.explicit || (each.instance === undefined && (namespaces.includes(each.namespace) || isLocal(host))),
    );
    if (meant !== undefined) return { targets: [], reason: missingService(world, meant.namespace, meant.service) };
  }
  if (host.endsWith('cluster.local') && !isApiServer) return { targets: [] };
  if (parseIp(host) === undefined && !PUBLIC_NAME.test(host)) return { targets: [] };
  const port = token.port ?? SCHEME_PORTS.get(token.scheme ?? '');
  return { targets: [{ kind: 'external-host', host, ...(port === undefined ? {} : { port }) }] };
}

/** `collector.tracing` is a Service of a namespace that was not read, rather than a host under a top-level domain. */
function isLocal(host: string): boolean {
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  return labels.length === 2 && last.length > 2 && !TOP_LEVEL.has(last);
}

function ofService(world: World, service: Service, token: HostToken): HostTarget {
  if (token.port !== undefined) return targetAtPort(world, service, token.port);
  const usual = SCHEME_PORTS.get(token.scheme ?? '');
  const ports = service.ports.filter((port) => port.port === usual);
  const chosen = ports.length > 0 ? ports : service.ports;
  const [only] = chosen;
  const transport = chosen.length === 1 && only !== undefined ? transportOf(only) : undefined;
  return {
    targets: chosen.map((port): CallTarget => {
      return { kind: 'service-port', namespace: service.namespace, service: service.name, port: port.port };
    }),
    ...(chosen.length > 1 ? { remark: 'no port given, so each port of the Service' } : {}),
    ...(transport === undefined ? {} : { protocol: transport }),
    ...(chosen.length === 0 ? { reason: `Service ${service.namespace}/${service.name} has no ports` } : {}),
  };
}

/** An instance's name is its pod's own address, so it is dialled at a port of the pod. */
function ofInstance(world: World, service: Service, token: HostToken): PortTarget {
  const pods = workloadsBehind(world, service).flatMap((each) => each.pods);
  const ports = token.port === undefined ? service.ports.flatMap((port) => containerPorts(port, pods)) : [token.port];
  const { namespace, name } = service;
  return { targets: ports.map((port): CallTarget => ({ kind: 'headless-instance', namespace, service: name, port })) };
}

function protocolOf(scheme: string | undefined): string | undefined {
  if (scheme === undefined) return undefined;
  const plain = scheme.replace(/\+.*$/, '');
  const names: Readonly<Record<string, string>> = { https: 'tls', wss: 'tls', ws: 'http', postgresql: 'postgres' };
  return Object.hasOwn(names, plain) ? names[plain] : plain;
}

function serviceIps(world: World): ReadonlyMap<string, Service> {
  let index = clusterIps.get(world);
  if (index === undefined) {
    const pairs = servicesOf(world).flatMap((service) =>
      [asText(at(service.object.spec, 'clusterIP')), ...asTexts(at(service.object.spec, 'clusterIPs'))].flatMap((ip) =>
        ip === undefined || ip === 'None' || ip === '' ? [] : [[ip, service] as const],
      ),
    );
    clusterIps.set(world, (index = new Map(pairs)));
  }
  return index;
}
