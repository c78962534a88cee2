import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { CallRow } from '../../../src/domain/calls/call.ts';
import { service, worldOf, workload } from './world-of.ts';

const WORLD = worldOf(
  workload('shop/Deployment/cart') +
    workload('shop/CronJob/report') +
    workload('shop/Deployment/report') +
    workload('shop/Deployment/payments', 'ports: [{containerPort: 9090, name: web}, {containerPort: 7000}]') +
    service('shop/payments', '{port: 80, targetPort: web, nodePort: 30080}') +
    workload('other/Deployment/payments') +
    service('other/payments', '{port: 80}'),
);

function graphOf(...rows: Partial<CallRow>[]) {
  const full = rows.map((row, index) => ({
    source: `calls.csv:${String(index + 2)}`,
    client: 'cart',
    service: 'payments',
    port: 80,
    ...row,
  }));
  const graph = buildCallGraph(WORLD, [{ source: 'calls.csv', seesUnmeshed: true, rows: full }]);
  const calls = graph.calls.filter((call) => call.evidence.some(({ kind }) => kind === 'observed'));
  return { calls, ids: calls.map((call) => call.id), reasons: graph.unresolved.map((each) => each.reason) };
}

describe('observed calls', () => {
  it('joins a client that is unique in the cluster with the service of its own namespace', () => {
    expect(graphOf({})).toMatchObject({ ids: ['shop/Deployment/cart->shop/Service/payments:80'], reasons: [] });
  });

  it('takes kubectl names of kinds in any case, and namespace and kind inside the name', () => {
    const expected = ['shop/CronJob/report->shop/Service/payments:80'];
    expect(graphOf({ client: 'report', clientKind: 'CJ' }).ids).toEqual(expected);
    expect(graphOf({ client: 'cronjob/report' }).ids).toEqual(expected);
    expect(graphOf({ client: 'shop/cj/report' }).ids).toEqual(expected);
  });

  it('keeps a call whose client is ambiguous as one of an unknown caller, with the choices', () => {
    const { ids, reasons } = graphOf({ client: 'report', serviceNamespace: 'shop' });
    expect(ids).toEqual(['unknown[report]->shop/Service/payments:80']);
    expect(reasons).toEqual(['client: report may be any of shop/CronJob/report, shop/Deployment/report']);
  });

  it('knows outsiders by name', () => {
    const rows = ['kube-apiserver', 'internet', 'node', 'prometheus'].map((client) => ({
      client,
      serviceNamespace: 'shop',
    }));
    expect(graphOf(...rows).ids.map((id) => id.split('->')[0])).toEqual([
      'apiserver',
      'internet',
      'node',
      'prometheus',
    ]);
  });

  it('takes the pods own port and the node port for the service port, and says so', () => {
    const { calls } = graphOf({ port: 9090 }, { port: 30_080 });
    expect(calls.map((call) => call.id)).toEqual(['shop/Deployment/cart->shop/Service/payments:80']);
    expect(calls[0]?.evidence.map(({ detail }) => detail)).toEqual([
      "cart called payments:9090; 9090 is the pods' port behind Service port 80",
      'cart called payments:30080; 30080 is the node port of port 80',
    ]);
  });

  it('takes a declared container port that no service has for a call to the pod itself', () => {
    expect(graphOf({ port: 7000 }).ids).toEqual(['shop/Deployment/cart->shop/Deployment/payments:7000']);
  });

  it('names rows that nothing fits, and keeps them as calls', () => {
    const { ids, reasons } = graphOf({ service: 'nosuch' }, { port: 81 }, { client: 'internet' });
    expect(ids).toEqual([
      'internet->%3f/Service/payments:80',
      'shop/Deployment/cart->shop/Service/nosuch:80',
      'shop/Deployment/cart->shop/Service/payments:81',
    ]);
    expect(reasons).toEqual([
      'service: there is no Service nosuch in namespace shop',
      'Service shop/payments has no port 81 (it has 80)',
      'service: Service payments is in namespaces other, shop; the row names none',
    ]);
  });

  it('adds up evidence of equal calls and keeps requests apart', () => {
    const { calls } = graphOf({ count: 3 }, { count: 4 }, { method: 'post', path: '/pay' });
    expect(calls.map((call) => [call.id, call.evidence.length])).toEqual([
      ['shop/Deployment/cart->shop/Service/payments:80', 2],
      ['shop/Deployment/cart->shop/Service/payments:80#POST /pay', 1],
    ]);
  });
});
