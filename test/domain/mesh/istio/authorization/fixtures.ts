import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import type { Connection } from '../../../../../src/domain/mesh/istio/authorization/connection.ts';
import { parseAuthorizationPolicy } from '../../../../../src/domain/mesh/istio/authorization/parse.ts';
import type { AuthorizationPolicy } from '../../../../../src/domain/mesh/istio/authorization/policy.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

/** A policy of the namespace shop with the spec. */
export function policy(
  name: string,
  spec: unknown,
  annotations: Readonly<Record<string, string>> = {},
): AuthorizationPolicy {
  const object: KubeObject = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: 'shop', labels: {}, annotations, ownerReferences: [] },
    origin: { from: 'read' },
    spec,
  };
  return parseAuthorizationPolicy(object);
}

/** A GET of /cart from web in the namespace front, everything known. */
export const FULL: Connection = {
  port: known(8080),
  peer: { kind: 'spiffe', id: 'spiffe://cluster.local/ns/front/sa/web' },
  sourceIp: known('10.0.0.9'),
  remoteIp: known('10.0.0.9'),
  destinationIp: known('10.0.0.1'),
  serverName: known(''),
  request: {
    host: known('cart.shop'),
    method: known('GET'),
    path: known('/cart'),
    headers: known({}),
    token: known(undefined),
  },
};
