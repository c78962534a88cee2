import { asList, asText, asTexts, asTextMap, at } from '../../../src/lib/json.ts';
import type { Arrival } from './naive-arrival.ts';
import type { NaivePod } from './naive-pods.ts';
import { byAge, listed, nameOf, selects, type Raw, type RawCluster } from './raw-cluster.ts';

/**
 * Linkerd by hand: the pods' own default policy where no Server names the port, else what the Server's accessPolicy and
 * the authorizations that name it let in. All callers of these worlds come from inside the cluster.
 */
const GROUP = 'policy.linkerd.io';
const DEFAULT = 'config.linkerd.io/default-inbound-policy';

/** Both ends have a proxy of this mesh, however the pod is addressed, and neither leaves the port out. */
export function linkerdWire(
  [client, server]: readonly [NaivePod, NaivePod],
  port: number,
  via: number,
): 'plaintext' | 'mtls' {
  if (client.proxy !== 'linkerd' || server.proxy !== 'linkerd') return 'plaintext';
  const isOut = namesPort(client.annotations['config.linkerd.io/skip-outbound-ports'], via);
  return isOut || isSkipped(server, port) ? 'plaintext' : 'mtls';
}

function isSkipped(server: NaivePod, port: number): boolean {
  return namesPort(server.annotations['config.linkerd.io/skip-inbound-ports'], port);
}

function namesPort(list: string | undefined, port: number): boolean {
  return (list ?? '').split(',').includes(String(port));
}

/** Whether a pod with Linkerd's proxy takes what arrives. */
export function linkerdTakes(arrival: Arrival): boolean {
  const { cluster, server, port, wire, speaks } = arrival;
  if (isSkipped(server, port)) return true;
  const found = serverOf(cluster, server, port);
  const isOpaque =
    found === undefined
      ? namesPort(server.annotations['config.linkerd.io/opaque-ports'], port)
      : at(found, 'spec', 'proxyProtocol') === 'opaque';
  if (speaks === 'server-first' && wire === 'plaintext' && !isOpaque) return false;
  if (found === undefined) return letsIn(server.annotations[DEFAULT] ?? 'all-unauthenticated', wire);
  return letsIn(asText(at(found, 'spec', 'accessPolicy')) ?? 'deny', wire) || isAuthorized(arrival, found);
}

function letsIn(policy: string, wire: 'plaintext' | 'mtls'): boolean {
  if (policy === 'deny') return false;
  return policy.endsWith('-authenticated') ? wire === 'mtls' : true;
}

/** The oldest Server of the pod's namespace that names the port by its number or by its name. */
function serverOf(cluster: RawCluster, pod: NaivePod, port: number): Raw | undefined {
  const names = pod.ports.filter(({ number }) => number === port).map(({ name }) => name);
  return byAge(cluster, `${GROUP}/Server`, pod.namespace).find((raw) => {
    const named = at(raw, 'spec', 'port');
    const isPort = named === port || (typeof named === 'string' && (named === String(port) || names.includes(named)));
    return (
      isPort && at(raw, 'spec', 'podSelector') !== undefined && selects(at(raw, 'spec', 'podSelector'), pod.labels)
    );
  });
}

function isAuthorized(arrival: Arrival, server: Raw): boolean {
  const { cluster, server: pod } = arrival;
  return listed(cluster, `${GROUP}/AuthorizationPolicy`, pod.namespace).some((raw) => {
    const target = at(raw, 'spec', 'targetRef');
    const kind = at(target, 'kind');
    const isMeant =
      (kind === 'Server' && at(target, 'name') === nameOf(server)) ||
      (kind === 'Namespace' && at(target, 'name') === pod.namespace);
    return isMeant && asList(at(raw, 'spec', 'requiredAuthenticationRefs')).every((ref) => holds(ref, arrival));
  });
}

/** One thing that an AuthorizationPolicy asks for; what refers to nothing keeps everybody out. */
function holds(ref: unknown, { cluster, server, client, wire }: Arrival): boolean {
  const namespace = asText(at(ref, 'namespace')) ?? server.namespace;
  const name = asText(at(ref, 'name')) ?? '';
  if (at(ref, 'kind') === 'ServiceAccount') {
    return wire === 'mtls' && client.namespace === namespace && client.account === name;
  }
  const kind = asText(at(ref, 'kind')) ?? '';
  const found = listed(cluster, `${GROUP}/${kind}`, namespace).find((raw) => nameOf(raw) === name);
  if (found === undefined) return false;
  if (kind === 'NetworkAuthentication') {
    return asList(at(found, 'spec', 'networks')).some((one) => isPodNetwork(asText(at(one, 'cidr')) ?? ''));
  }
  return wire === 'mtls' && isIdentified(found, namespace, client);
}

/** Pods of these worlds have addresses in 10.0.0.0/8. */
function isPodNetwork(cidr: string): boolean {
  return cidr === '0.0.0.0/0' || cidr.startsWith('10.');
}

function isIdentified(
  authentication: Raw,
  namespace: string,
  client: { readonly namespace: string; readonly account: string },
): boolean {
  const own = `${client.account}.${client.namespace}.serviceaccount.identity.linkerd.cluster.local`;
  const isNamed = asTexts(at(authentication, 'spec', 'identities')).some(
    (identity) =>
      identity === '*' || identity === own || (identity.startsWith('*.') && own.endsWith(identity.slice(1))),
  );
  return (
    isNamed ||
    asList(at(authentication, 'spec', 'identityRefs')).some((ref) => {
      const { kind, name, namespace: given } = asTextMap(ref);
      if (kind === 'Namespace') return client.namespace === (name ?? namespace);
      return client.account === name && client.namespace === (given ?? namespace);
    })
  );
}
