import { asList, asText, at } from '../../../src/lib/json.ts';
import type { Arrival } from './naive-arrival.ts';
import { labelsOf, listed, nameOf, selects, type Raw } from './raw-cluster.ts';

/** Where the packets of a call really arrive: meshes that tunnel have one port for all. */
function wirePort({ wire, server, client, port }: Arrival): number {
  if (wire !== 'mtls') return port;
  if (server.proxy === 'linkerd') return 4143;
  const isTunnel = server.proxy === 'ztunnel' || client.proxy === 'ztunnel';
  return isTunnel ? 15008 : port;
}

/** Whether the NetworkPolicies of the server's namespace let the packets in; ranges of addresses mean nobody here. */
export function networkLetsIn(arrival: Arrival): boolean {
  const { cluster, server } = arrival;
  const own = listed(cluster, 'networking.k8s.io/NetworkPolicy', server.namespace).filter(
    (raw) => isIngress(raw) && selects(at(raw, 'spec', 'podSelector'), server.labels),
  );
  const port = wirePort(arrival);
  return (
    own.length === 0 ||
    own.some((raw) =>
      asList(at(raw, 'spec', 'ingress')).some((rule) => isPeer(rule, arrival) && isPort(rule, arrival, port)),
    )
  );
}

function isIngress(raw: Raw): boolean {
  const types = at(raw, 'spec', 'policyTypes');
  return types === undefined || asList(types).includes('Ingress');
}

function isPort(rule: unknown, { server }: Arrival, port: number): boolean {
  const ports = asList(at(rule, 'ports'));
  if (ports.length === 0) return true;
  return ports.some((one) => {
    const named = at(one, 'port');
    if (named === undefined) return true;
    return typeof named === 'string'
      ? server.ports.some(({ name, number }) => name === named && number === port)
      : named === port;
  });
}

function isPeer(rule: unknown, { client, server, cluster }: Arrival): boolean {
  const peers = asList(at(rule, 'from'));
  if (peers.length === 0) return true;
  const space = listed(cluster, 'Namespace').find((raw) => nameOf(raw) === client.namespace);
  const spaceLabels = { 'kubernetes.io/metadata.name': client.namespace, ...labelsOf(space) };
  return peers.some((peer) => {
    if (at(peer, 'ipBlock') !== undefined) return asText(at(peer, 'ipBlock', 'cidr')) === '0.0.0.0/0';
    const [spaces, pods] = [at(peer, 'namespaceSelector'), at(peer, 'podSelector')];
    const isSpace = spaces === undefined ? client.namespace === server.namespace : selects(spaces, spaceLabels);
    return isSpace && (pods === undefined || selects(pods, client.labels));
  });
}
