import { asObject, asObjects, asText, asTextMap, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { clusterHosts } from '../world/cluster-dns.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import type { CallEvidence, CallSource } from './call.ts';
import { findService } from './find-services.ts';
import { workloadsSelected } from './find-workloads.ts';
import { foundCalls, fromOutsider, fromWorkload, joinFound, stateCall, type FoundCalls } from './found-calls.ts';

const PROTOCOLS = ['http', 'tls', 'tcp'] as const;

interface Destination {
  readonly protocol: string;
  readonly host: string;
  readonly port: unknown;
}

/**
 * The calls of Istio gateways to the destinations of the VirtualServices bound to them, delegates and mirrors included.
 * Routes bound to `mesh` alone say nothing about who calls.
 * Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/.
 */
export function declaredVirtualServices(world: World): FoundCalls {
  return joinFound(world.list(KIND.virtualService).objects.map((service) => fromVirtualService(world, service)));
}

function fromVirtualService(world: World, object: KubeObject): FoundCalls {
  const home = object.metadata.namespace ?? '';
  const gateways = asTexts(at(object.spec, 'gateways')).filter((gateway) => gateway !== 'mesh');
  const senders = gateways.flatMap((gateway) => gatewaySenders(world, gateway, home));
  if (senders.length === 0) return joinFound([]);
  const hosts = asTexts(at(object.spec, 'hosts')).join(', ');
  const source = `VirtualService ${home}/${object.metadata.name}`;
  const evidence = { kind: 'declared', source, detail: `hosts ${hosts === '' ? 'none' : hosts}` } as const;
  return joinFound(
    withDelegates(world, object).flatMap((each) =>
      destinationsOf(each).map((destination) =>
        toDestination(world, destination, { senders, evidence, namespace: each.metadata.namespace ?? '' }),
      ),
    ),
  );
}

function gatewaySenders(world: World, text: string, home: string): readonly CallSource[] {
  const slash = text.indexOf('/');
  const namespace = slash < 0 ? home : text.slice(0, slash);
  const name = text.slice(slash + 1);
  const gateway = world.get({ kind: KIND.istioGateway, namespace, name });
  const matchLabels = asTextMap(at(gateway?.spec, 'selector'));
  const workloads =
    Object.keys(matchLabels).length === 0
      ? []
      : world.namespaces().flatMap((each) => workloadsSelected(world, each, { matchLabels, matchExpressions: [] }));
  if (workloads.length > 0) return workloads.map(({ workload }) => fromWorkload(workload));
  return [fromOutsider('load-balancer', `Gateway ${namespace}/${name}`)];
}

function withDelegates(world: World, object: KubeObject): readonly KubeObject[] {
  const home = object.metadata.namespace ?? '';
  const delegates = asObjects(at(object.spec, 'http')).flatMap((route) => {
    const delegate = asObject(route['delegate']);
    const name = asText(delegate?.['name']);
    if (name === undefined) return [];
    const found = world.get({ kind: KIND.virtualService, namespace: asText(delegate?.['namespace']) ?? home, name });
    return found === undefined ? [] : [found];
  });
  return [object, ...delegates];
}

function destinationsOf(object: KubeObject): readonly Destination[] {
  return PROTOCOLS.flatMap((protocol) =>
    asObjects(at(object.spec, protocol)).flatMap((route) =>
      destinationObjects(route).flatMap((raw) => {
        const host = asText(raw['host']);
        return host === undefined ? [] : [{ protocol, host, port: at(raw, 'port', 'number') }];
      }),
    ),
  );
}

function destinationObjects(route: JsonObject): readonly JsonObject[] {
  const routed = [...asObjects(route['route']), ...asObjects(route['mirrors'])].map((each) =>
    asObject(each['destination']),
  );
  return [...routed, asObject(route['mirror'])].filter((each) => each !== undefined);
}

function toDestination(
  world: World,
  { protocol, host, port }: Destination,
  use: { readonly senders: readonly CallSource[]; readonly evidence: CallEvidence; readonly namespace: string },
): FoundCalls {
  const candidates = clusterHosts(host, use.namespace).filter((candidate) => candidate.instance === undefined);
  const found = candidates.find((each) => findService(world, each.namespace, each.service)) ?? candidates[0];
  const outside = host.includes('.') && (found === undefined || isElsewhere(world, host, found.namespace));
  if (found !== undefined && !outside) return callsToBackend(world, { ...found, port }, { ...use, protocol });
  const to = { kind: 'external-host', host, ...(typeof port === 'number' ? { port } : {}) } as const;
  return foundCalls(use.senders.map((from) => stateCall({ from, to, protocol, evidence: use.evidence })));
}

/** `payments.example` may be a host of the internet; in a namespace that exists it is taken as the cluster's. */
function isElsewhere(world: World, host: string, namespace: string): boolean {
  return !/\.svc(\.|$)/.test(host) && !world.namespaces().includes(namespace);
}
