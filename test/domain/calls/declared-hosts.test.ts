import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { strongestEvidence } from '../../../src/domain/calls/call.ts';
import { service, worldOf, workload } from './world-of.ts';

const SHOP =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000}]') +
  service('shop/pay', '{port: 80, targetPort: 9000}') +
  workload('shop/Deployment/cart');

function object(kind: string, name: string, spec: string): string {
  return `---\n{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${name}, namespace: shop}, spec: ${spec}}\n`;
}

function found(yaml: string) {
  const { calls, unresolved } = buildCallGraph(worldOf(SHOP + yaml), []);
  return {
    calls: calls.map((call) => `${strongestEvidence(call)} ${call.id}`),
    unresolved: unresolved.map(({ reason }) => reason),
  };
}

describe('the egress of a Sidecar', () => {
  const of = (labels: string, hosts: string): string =>
    object('Sidecar', 's', `{${labels}egress: [{hosts: [${hosts}]}]}`);
  const cart = 'workloadSelector: {labels: {app: cart}}, ';

  it('declares calls of the workload that it selects to the hosts that it lists', () => {
    expect(found(of(cart, 'shop/pay.shop.svc.cluster.local')).calls).toEqual([
      'declared shop/Deployment/cart->shop/Service/pay:80',
    ]);
    expect(found(of(cart, '"./api.example.com"')).calls).toEqual([
      'declared shop/Deployment/cart->external/api.example.com',
    ]);
  });

  it('makes calls only probable where it is for all of a namespace', () => {
    expect(found(of('', 'shop/pay.shop.svc.cluster.local')).calls).toEqual([
      'inferred shop/Deployment/cart->shop/Service/pay:80',
    ]);
  });

  it('tells of no call by wildcards', () => {
    expect(found(of(cart, '"./*", "istio-system/*", "*/*.example.com"'))).toEqual({ calls: [], unresolved: [] });
  });

  it('names no caller where it is for very many', () => {
    const many = Array.from({ length: 20 }, (_, index) => workload(`shop/Deployment/w${String(index)}`)).join('');
    expect(found(many + of('', 'shop/pay.shop.svc.cluster.local')).unresolved).toEqual([
      'some of 22 workloads call pay.shop.svc.cluster.local; it is not told which',
    ]);
  });
});

describe('a ServiceEntry', () => {
  const entry = object(
    'ServiceEntry',
    'e',
    '{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}]}',
  );

  it('alone names no caller, and says so', () => {
    expect(found(entry)).toEqual({
      calls: [],
      unresolved: ['it registers api.example.com, and who calls that is not known'],
    });
  });

  it('gives the port of a host that somebody is said to call', () => {
    const sidecar = object(
      'Sidecar',
      's',
      '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["*/api.example.com"]}]}',
    );
    expect(found(entry + sidecar)).toEqual({
      calls: ['declared shop/Deployment/cart->external/api.example.com:443'],
      unresolved: [],
    });
  });

  it('by a wildcard is called by whoever calls a host under it', () => {
    const wildcard = entry.replace('api.example.com', '"*.example.com"');
    const env = workload('shop/Deployment/web', 'env: [{name: API_URL, value: "https://api.example.com"}]');
    expect(found(wildcard + env).unresolved).toEqual([]);
  });
});

describe('a VirtualService of the mesh', () => {
  const to = (match: string, more = ''): string =>
    object(
      'VirtualService',
      'v',
      `{hosts: [pay]${more}, http: [{match: [${match}], route: [{destination: {host: pay}}]}, {route: [{destination: {host: pay}}]}]}`,
    );

  it('names the callers whose labels a route matches', () => {
    expect(found(to('{sourceLabels: {app: cart}}')).calls).toEqual([
      'declared shop/Deployment/cart->shop/Service/pay:80',
    ]);
    expect(found(to('{sourceLabels: {app: cart}, sourceNamespace: other}')).calls).toEqual([]);
  });

  it('names nobody where its routes are for everybody, or for a gateway', () => {
    expect(found(to('{uri: {prefix: /}}')).calls).toEqual([]);
    expect(found(to('{sourceLabels: {app: cart}}', ', gateways: [edge/g]')).calls).not.toContain(
      'declared shop/Deployment/cart->shop/Service/pay:80',
    );
  });
});
