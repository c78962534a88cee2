import { describe, expect, it } from 'vitest';
import { declaredLinkerdPolicies } from '../../../src/domain/calls/declared-linkerd-policies.ts';
import { service, worldOf, workload } from './world-of.ts';

const SHOP =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000, name: web}]') +
  service('shop/pay', '{port: 80, targetPort: web}') +
  workload('shop/Deployment/cart', '', 'serviceAccountName: buyer') +
  workload('mon/Deployment/p', '', 'serviceAccountName: p');

function object(kind: string, name: string, spec: string): string {
  return `---\n{apiVersion: policy.linkerd.io/v1beta3, kind: ${kind}, metadata: {name: ${name}, namespace: shop}, spec: ${spec}}\n`;
}

const SERVER = object('Server', 'web', '{podSelector: {matchLabels: {app: pay}}, port: web}');
const ON_SERVER = 'targetRef: {group: policy.linkerd.io, kind: Server, name: web}';
const TLS = '{group: policy.linkerd.io, kind: MeshTLSAuthentication, name: a}';

function found(yaml: string): { readonly ids: readonly string[]; readonly unresolved: readonly string[] } {
  const { calls, unresolved } = declaredLinkerdPolicies(worldOf(SHOP + SERVER + yaml));
  return { ids: calls.map(({ id }) => id), unresolved: unresolved.map(({ reason }) => reason) };
}

function policy(refs: string, target = ON_SERVER): string {
  return object('AuthorizationPolicy', 'p', `{${target}, requiredAuthenticationRefs: [${refs}]}`);
}

function authenticated(spec: string): string {
  return object('MeshTLSAuthentication', 'a', spec) + policy(TLS);
}

const BY_BUYER = 'shop/Deployment/cart->shop/Service/pay:80';
const BY_P = 'mon/Deployment/p->shop/Service/pay:80';

describe('policies of Linkerd', () => {
  it('admit the workloads of a ServiceAccount to the port of their Server', () => {
    expect(found(policy('{kind: ServiceAccount, name: buyer}'))).toEqual({ ids: [BY_BUYER], unresolved: [] });
  });

  it.each([
    ['{identities: [buyer.shop.serviceaccount.identity.linkerd.cluster.local]}', [BY_BUYER]],
    ['{identities: ["*.mon.serviceaccount.identity.linkerd.cluster.local"]}', [BY_P]],
    ['{identityRefs: [{kind: ServiceAccount, name: p, namespace: mon}]}', [BY_P]],
    ['{identityRefs: [{kind: Namespace, name: mon}]}', [BY_P]],
  ])('admit whom MeshTLSAuthentication %s means', (spec, ids) => {
    expect(found(authenticated(spec))).toEqual({ ids, unresolved: [] });
  });

  it.each(['"*"', '"*.linkerd.cluster.local"', '"*.serviceaccount.identity.linkerd.cluster.local"'])(
    'tell of no caller where identity %s is anybody in the mesh',
    (identity) => {
      const reason = 'it admits anybody with an identity of the mesh, which tells of no caller';
      expect(found(authenticated(`{identities: [${identity}]}`))).toEqual({ ids: [], unresolved: [reason] });
    },
  );

  it('name networks as callers that nobody knows, and all addresses as none', () => {
    const ref = '{group: policy.linkerd.io, kind: NetworkAuthentication, name: n}';
    const network = (cidr: string): string => object('NetworkAuthentication', 'n', `{networks: [{cidr: ${cidr}}]}`);
    expect(found(network('10.1.0.0/16') + policy(ref)).ids).toEqual([
      'unknown[addresses 10.1.0.0/16]->shop/Service/pay:80',
    ]);
    expect(found(network('0.0.0.0/0') + policy(ref))).toEqual({
      ids: [],
      unresolved: ['it admits anybody, which tells of no caller'],
    });
  });

  it('are about all Servers of a namespace, or about the Server of a route', () => {
    const refs = '{kind: ServiceAccount, name: buyer}';
    expect(found(policy(refs, 'targetRef: {kind: Namespace, name: shop}')).ids).toEqual([BY_BUYER]);
    const route = object(
      'HTTPRoute',
      'r',
      '{parentRefs: [{group: policy.linkerd.io, kind: Server, name: web}], rules: []}',
    );
    const onRoute = policy(refs, 'targetRef: {group: policy.linkerd.io, kind: HTTPRoute, name: r}');
    expect(found(route + onRoute).ids).toEqual([BY_BUYER]);
  });

  it('say why where what they refer to is not there', () => {
    expect(found(policy(TLS)).unresolved).toEqual(['MeshTLSAuthentication shop/a is not there']);
    const lost = policy(TLS, 'targetRef: {group: policy.linkerd.io, kind: Server, name: lost}');
    expect(found(lost).unresolved).toEqual(['no Server here is Server lost or under it']);
  });

  it('may be ServerAuthorizations', () => {
    const authorization = (client: string): string =>
      object('ServerAuthorization', 's', `{server: {name: web}, client: ${client}}`);
    expect(found(authorization('{meshTLS: {serviceAccounts: [{name: p, namespace: mon}]}}')).ids).toEqual([BY_P]);
    expect(found(authorization('{unauthenticated: true}')).unresolved).toEqual([
      'it admits anybody, which tells of no caller',
    ]);
    expect(found(authorization('{unauthenticated: true, networks: [{cidr: 10.0.0.0/8}]}')).ids).toEqual([
      'unknown[addresses 10.0.0.0/8]->shop/Service/pay:80',
    ]);
  });
});
