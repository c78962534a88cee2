import { describe, expect, it } from 'vitest';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { strongestEvidence } from '../../../src/domain/calls/call.ts';
import { service, worldOf, workload } from './world-of.ts';

const SHOP =
  ['pay', 'next'].map((name) => workload(`shop/Deployment/${name}`) + service(`shop/${name}`, '{port: 80}')).join('') +
  workload('web/Deployment/cart', 'env: [{name: PAY_URL, value: "http://pay.shop"}]');

const ROWS = [{ source: 'c.csv:2', client: 'cart', serviceNamespace: 'shop', service: 'pay', port: 80 }];

function toNext(yaml: string, seen = true): readonly string[] {
  const files = seen ? [{ source: 'c.csv', seesUnmeshed: true, rows: ROWS }] : [];
  const { calls } = buildCallGraph(worldOf(SHOP + yaml), files);
  const onward = calls.filter(
    ({ from, to }) => from.kind === 'workload' && to.kind === 'service-port' && to.service === 'next',
  );
  return onward.map((call) => `${strongestEvidence(call)} ${call.id}`);
}

function virtual(http: string, more = ''): string {
  return `---\n{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: {hosts: [pay]${more}, http: [${http}]}}\n`;
}

/** Kind and namespace as `HTTPRoute shop`. */
function route(what: string, parent: string, rules: string): string {
  const [kind = '', namespace = ''] = what.split(' ');
  return `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: ${kind}, metadata: {name: r, namespace: ${namespace}}, spec: {parentRefs: [${parent}], rules: [${rules}]}}\n`;
}

const DECLARED = ['declared web/Deployment/cart->shop/Service/next:80'];
const SPLIT = '{route: [{destination: {host: pay}}, {destination: {host: next}}]}';
const PARENT = '{group: "", kind: Service, name: pay, namespace: shop}';

describe('who calls a Service that a mesh route leads away from', () => {
  it('calls the destinations and mirrors of a VirtualService too', () => {
    expect(toNext(virtual(SPLIT))).toEqual(DECLARED);
    expect(toNext(virtual('{route: [{destination: {host: pay}}], mirror: {host: next}}'))).toEqual(DECLARED);
  });

  it('does so no more surely than it calls at all', () => {
    expect(toNext(virtual(SPLIT), false)).toEqual(['inferred web/Deployment/cart->shop/Service/next:80']);
  });

  it('does not where the route is for a gateway, for other pods, or leads nowhere else', () => {
    expect(toNext(virtual(SPLIT, ', gateways: [edge/g]'))).toEqual([]);
    expect(toNext(virtual(SPLIT.replace('{route', '{match: [{sourceLabels: {app: other}}], route')))).toEqual([]);
    expect(toNext(virtual('{route: [{destination: {host: pay, subset: v2}}]}'))).toEqual([]);
  });

  it('calls the backends and mirrors of a route whose parent is the Service', () => {
    expect(toNext(route('HTTPRoute shop', PARENT, '{backendRefs: [{name: next, port: 80}]}'))).toEqual(DECLARED);
    const mirror = '{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: next, port: 80}}}]}';
    expect(toNext(route('HTTPRoute shop', PARENT, mirror))).toEqual(DECLARED);
  });

  it('does so by a route of another namespace only from there, and at its port', () => {
    const rule = '{backendRefs: [{name: next, namespace: shop, port: 80}]}';
    expect(toNext(route('GRPCRoute web', PARENT, rule))).toEqual(DECLARED);
    expect(toNext(route('GRPCRoute other', PARENT, rule))).toEqual([]);
    expect(toNext(route('HTTPRoute shop', PARENT.replace('name: pay', 'name: pay, port: 81'), rule))).toEqual([]);
  });

  it('calls the backends of a TrafficSplit', () => {
    const split =
      '---\n{apiVersion: split.smi-spec.io/v1alpha2, kind: TrafficSplit, metadata: {name: s, namespace: shop}, spec: {service: pay, backends: [{service: pay, weight: 90}, {service: next, weight: 10}]}}\n';
    expect(toNext(split)).toEqual(DECLARED);
  });
});
