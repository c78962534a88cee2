import { describe, expect, it } from 'vitest';
import { declaredRoutes } from '../../../src/domain/calls/declared-routes.ts';
import { service, worldOf, workload } from './world-of.ts';

const PAY =
  workload('shop/Deployment/pay', 'ports: [{containerPort: 9000}]') +
  service('shop/pay', '{port: 80, targetPort: 9000}') +
  workload('shop/Deployment/copy', 'ports: [{containerPort: 9000}]') +
  service('shop/copy', '{port: 80, targetPort: 9000}');

const GATEWAY = '{name: g, namespace: edge}';

function route(kind: string, parent: string, rule: string): string {
  return `---\n{apiVersion: gateway.networking.k8s.io/v1, kind: ${kind}, metadata: {name: r, namespace: shop}, spec: {parentRefs: [${parent}], rules: [${rule}]}}\n`;
}

function found(yaml: string): readonly (readonly [string, string | undefined])[] {
  return declaredRoutes(worldOf(PAY + yaml)).calls.map(({ id, protocol }) => [id, protocol]);
}

const TO_PAY = '{backendRefs: [{name: pay, port: 80}]}';

describe('routes of the Gateway API', () => {
  it.each([
    ['HTTPRoute', 'http'],
    ['GRPCRoute', 'grpc'],
    ['TCPRoute', 'tcp'],
    ['TLSRoute', 'tls'],
  ])('of kind %s are calls of their gateway that speak %s', (kind, protocol) => {
    expect(found(route(kind, GATEWAY, TO_PAY))).toEqual([
      ['load-balancer[Gateway edge/g]->shop/Service/pay:80', protocol],
    ]);
  });

  it('whose parent is a Service say nothing about who calls', () => {
    expect(found(route('HTTPRoute', '{group: "", kind: Service, name: pay}', TO_PAY))).toEqual([]);
  });

  it('of a waypoint say nothing about who calls', () => {
    const gateway =
      '---\n{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: edge}, spec: {gatewayClassName: istio-waypoint}}\n';
    expect(found(gateway + route('HTTPRoute', GATEWAY, TO_PAY))).toEqual([]);
  });

  it.each([
    ['rule', '{backendRefs: [{name: pay, port: 80}], filters: [MIRROR]}'],
    ['backend', '{backendRefs: [{name: pay, port: 80, filters: [MIRROR]}]}'],
  ])('mirror where a filter of the %s says so', (_, rule) => {
    const mirror = '{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}';
    expect(found(route('HTTPRoute', GATEWAY, rule.replace('MIRROR', mirror))).map(([id]) => id)).toEqual([
      'load-balancer[Gateway edge/g]->shop/Service/pay:80',
      'load-balancer[Gateway edge/g]->shop/Service/copy:80',
    ]);
  });
});
