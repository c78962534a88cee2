import { KIND } from '../../../kubernetes/kinds.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { asNumber, asObject, asObjects, asText, asTexts, at } from '../../../../lib/json.ts';
import { parseAccessPolicy } from './access-policy.ts';
import { targetsKind } from './target-kind.ts';
import { whyNetworksRefused } from './validate-networks.ts';

/** What `proxyProtocol` may say. Source: linkerd2 policy-controller/k8s/api/src/policy/server.rs. */
export const PROXY_PROTOCOLS = ['unknown', 'HTTP/1', 'HTTP/2', 'gRPC', 'opaque', 'TLS'] as const;

/**
 * What the API server and Linkerd's webhook say against a Server; undefined where they take it.
 * Source: linkerd2 policy-controller/runtime/src/admission.rs, charts/linkerd-crds/templates/policy.
 */
export function whyServerRefused({ spec }: KubeObject): string | undefined {
  const [pods, machines] = [at(spec, 'podSelector'), at(spec, 'externalWorkloadSelector')];
  if ((pods === undefined) === (machines === undefined))
    return 'one of podSelector and externalWorkloadSelector is needed';
  if (asObject(pods ?? machines) === undefined) return 'the selector is no object';
  if (!isPort(at(spec, 'port'))) return 'port is neither a name nor a port number';
  const [protocol, policy] = [at(spec, 'proxyProtocol'), at(spec, 'accessPolicy')];
  if (protocol !== undefined && !PROXY_PROTOCOLS.some((known) => known === protocol))
    return 'proxyProtocol is not one that Linkerd knows';
  if (policy !== undefined && parseAccessPolicy(asText(policy) ?? '') === undefined)
    return 'accessPolicy is not one that Linkerd knows';
  return undefined;
}

/** The same for a ServerAuthorization. */
export function whyServerAuthorizationRefused({ spec }: KubeObject): string | undefined {
  const [name, selector] = [at(spec, 'server', 'name'), at(spec, 'server', 'selector')];
  if ((name === undefined) === (selector === undefined)) return 'one of server.name and server.selector is needed';
  const client = asObject(at(spec, 'client'));
  if (client === undefined) return 'client is missing';
  const tls = asObject(client['meshTLS']);
  if (tls !== undefined && client['unauthenticated'] === true) return 'unauthenticated and meshTLS exclude one another';
  const named = asTexts(tls?.['identities']).length + asObjects(tls?.['serviceAccounts']).length;
  if (tls?.['unauthenticatedTLS'] === true && named > 0) return 'unauthenticatedTLS and identities exclude one another';
  return whyNetworksRefused(client['networks']);
}

/** The same for an HTTPLocalRateLimitPolicy. */
export function whyRateLimitRefused({ spec }: KubeObject): string | undefined {
  const target = asObject(at(spec, 'targetRef'));
  if (target === undefined || !targetsKind(target, KIND.linkerdServer)) return 'only a Server can be the target';
  const [total, identity] = ['total', 'identity'].map((part) => asNumber(at(spec, part, 'requestsPerSecond')));
  const overrides = asObjects(at(spec, 'overrides'));
  const limits = [identity, ...overrides.map((override) => asNumber(override['requestsPerSecond']))];
  if ([total, ...limits].some((limit) => limit === 0)) return 'requestsPerSecond must be greater than 0';
  if (total !== undefined && limits.some((limit) => limit !== undefined && limit > total))
    return 'a limit is above the total';
  const clients = overrides.flatMap((override) => asObjects(override['clientRefs']));
  return clients.every((ref) => targetsKind(ref, KIND.serviceAccount))
    ? undefined
    : 'clientRefs must name ServiceAccounts';
}

function isPort(port: unknown): boolean {
  if (typeof port === 'string') return true;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= 65_535;
}
