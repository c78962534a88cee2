import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { SeenCall } from '../../../src/domain/calls/call.ts';
import { service, worldOf, workload } from './world-of.ts';

const WORLD = worldOf(
  workload('shop/Deployment/cart') +
    workload('shop/Deployment/web', '', 'serviceAccountName: edge') +
    workload('shop/Deployment/admin', '', 'serviceAccountName: edge') +
    workload('shop/Deployment/payments', 'ports: [{containerPort: 9090, name: web}, {containerPort: 7000}]') +
    service('shop/payments', '{name: http, port: 80, targetPort: web}') +
    workload('shop/StatefulSet/db', 'ports: [{containerPort: 5432}]') +
    service('shop/db', '{name: tcp-pg, port: 5432}', 'clusterIP: None') +
    workload('shop/Deployment/two', 'ports: [{containerPort: 8080}, {containerPort: 9000}]') +
    service('shop/two', '{name: http-a, port: 80, targetPort: 8080}, {name: http-b, port: 81, targetPort: 9000}'),
);

function graphOf(row: Partial<SeenCall>) {
  const rows = [{ source: 'metrics', client: 'cart', clientNamespace: 'shop', ...row }];
  const graph = buildCallGraph(WORLD, [{ source: 'metrics', seesUnmeshed: false, rows }]);
  const calls = graph.calls.filter((call) => call.evidence.some(({ source }) => source === 'metrics'));
  const evidence = calls.flatMap((call) => call.evidence);
  return {
    ids: calls.map((call) => call.id),
    kinds: [...new Set(evidence.map(({ kind }) => kind))],
    reasons: graph.unresolved.map((each) => each.reason),
    evidence,
  };
}

describe('what a watcher saw called', () => {
  it('is the only port of a Service that fits the protocol, where the watcher names no port', () => {
    expect(graphOf({ service: 'payments', serviceNamespace: 'shop', protocol: 'http' })).toMatchObject({
      ids: ['shop/Deployment/cart->shop/Service/payments:80'],
      kinds: ['observed'],
      reasons: [],
    });
  });

  it('is each port of a Service, and no more than probable, where several fit', () => {
    const { ids, kinds, reasons } = graphOf({ service: 'two', serviceNamespace: 'shop', protocol: 'grpc' });
    expect(ids).toEqual(['shop/Deployment/cart->shop/Service/two:80', 'shop/Deployment/cart->shop/Service/two:81']);
    expect(kinds).toEqual(['inferred']);
    expect(reasons).toEqual(['Service shop/two: its port was not seen']);
  });

  it('is the Service port that leads to the port of the pods that was seen', () => {
    const row = { service: 'two', serviceNamespace: 'shop', targetPort: 9000 };
    expect(graphOf(row)).toMatchObject({ ids: ['shop/Deployment/cart->shop/Service/two:81'], kinds: ['observed'] });
  });

  it('is the Service before a workload, or its pod where no Service leads to the port', () => {
    const at = (targetPort: number) =>
      graphOf({ server: 'payments', serverKind: 'Deployment', serverNamespace: 'shop', targetPort }).ids;
    expect(at(9090)).toEqual(['shop/Deployment/cart->shop/Service/payments:80']);
    expect(at(7000)).toEqual(['shop/Deployment/cart->shop/Deployment/payments:7000']);
    expect(graphOf({ server: 'db', serverNamespace: 'shop', targetPort: 5432 }).evidence).toHaveLength(1);
  });

  it('stands as a call that nobody answers where the workload is not there, and is named where not even the port is', () => {
    expect(graphOf({ server: 'gone', serverNamespace: 'shop', targetPort: 1 }).ids).toEqual([
      'shop/Deployment/cart->shop/Service/gone:1',
    ]);
    const { ids, reasons } = graphOf({ server: 'gone', serverNamespace: 'shop' });
    expect([ids, reasons]).toEqual([[], ['server: there is no workload gone in namespace shop']]);
  });
});

describe('a client that a watcher knows by its identity', () => {
  const seen = {
    service: 'payments',
    serviceNamespace: 'shop',
    port: 80,
    client: 'unknown',
    clientNamespace: 'unknown',
  };

  it('is every workload that runs under the account, as SPIFFE and Linkerd write it', () => {
    const expected = [
      'shop/Deployment/admin->shop/Service/payments:80',
      'shop/Deployment/web->shop/Service/payments:80',
    ];
    for (const clientIdentity of [
      'spiffe://cluster.local/ns/shop/sa/edge',
      'cluster.local/ns/shop/sa/edge',
      'edge.shop.serviceaccount.identity.linkerd.cluster.local',
    ]) {
      expect(graphOf({ ...seen, clientIdentity }).ids).toEqual(expected);
    }
  });

  it('is the one workload whose pods have such names, where the watcher names a pod', () => {
    const ids = (client: string, clientKind?: string) =>
      graphOf({ ...seen, client, clientNamespace: 'shop', ...(clientKind === undefined ? {} : { clientKind }) }).ids;
    const expected = ['shop/Deployment/cart->shop/Service/payments:80'];
    expect(ids('cart-7d9c5b8f6d-x2k4z', 'Pod')).toEqual(expected);
    expect(ids('cart-7d9c5b8f6d-x2k4z')).toEqual(expected);
    expect(ids('cart-7d9c5b8f6d-x2k4z', 'Deployment')).not.toEqual(expected);
    expect(ids('cart-1', 'Pod')).not.toEqual(expected);
    expect(ids('cart-v2-x2k4z', 'Pod')).not.toEqual(expected);
  });

  it('stays unknown where nobody has that account, or the identity is none', () => {
    expect(graphOf({ ...seen, clientIdentity: 'spiffe://cluster.local/ns/away/sa/x' }).ids).toEqual([
      'unknown[spiffe://cluster.local/ns/away/sa/x]->shop/Service/payments:80',
    ]);
    expect(graphOf({ ...seen, clientIdentity: '*' }).ids).toEqual(['unknown->shop/Service/payments:80']);
  });

  it('keeps what was seen on the wire and how often it was refused', () => {
    const { evidence } = graphOf({ ...seen, client: 'cart', wire: 'plaintext', denied: 2, seesUnmeshed: true });
    expect(evidence).toMatchObject([{ wire: 'plaintext', denied: 2, seesUnmeshed: true }]);
  });
});

describe('a row that counts no call', () => {
  const row = { service: 'payments', serviceNamespace: 'shop', port: 80, count: 0 };

  it('is no evidence and is named, unless it says when it was seen or that it was refused', () => {
    expect(graphOf(row)).toMatchObject({ ids: [], reasons: ['the row counts no call'] });
    expect(graphOf({ ...row, lastSeen: '2026-11-16T08:00:00Z' }).ids).toHaveLength(1);
    expect(graphOf({ ...row, denied: 1 }).ids).toHaveLength(1);
  });
});
