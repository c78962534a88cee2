import { describe, expect, test } from 'vitest';
import { stoodFor } from '../../../src/domain/calls/stood-for.ts';
import type { CallTarget } from '../../../src/domain/calls/call.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { formatWorkload } from '../../../src/domain/world/workload.ts';
import { namespace, service, workload, worldFrom } from '../../support/build-world.ts';

const BASE: readonly JsonObject[] = [
  namespace('shop'),
  namespace('pay'),
  workload('pay', 'payments'),
  service('pay', 'payments'),
];

function named(externalName: string, name = 'alias'): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { type: 'ExternalName', externalName, ports: [{ name: 'http', port: 80 }] },
  };
}

function byHand(spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'alias', namespace: 'shop' },
    spec: { ports: [{ name: 'http', port: 80 }], ...spec },
  };
}

function slice(name: string, home: string, endpoint: JsonObject): JsonObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: home, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [endpoint],
  };
}

function entry(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'old-pay', namespace: 'pay' },
    spec: { hosts: ['pay.example.com'], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }], ...spec },
  };
}

const ALIAS: CallTarget = { kind: 'service-port', namespace: 'shop', service: 'alias', port: 80 };
const HOST: CallTarget = { kind: 'external-host', host: 'pay.example.com', port: 443 };

/** Who answers, as `pay/Deployment/payments 8080`. */
function answers(objects: readonly JsonObject[], to: CallTarget = ALIAS): readonly string[] {
  const found = stoodFor({ to }, worldFrom([...BASE, ...objects]));
  return (found?.servers ?? []).map((server) => `${formatWorkload(server.workload)} ${String(server.port)}`);
}

const PAYMENTS = ['pay/Deployment/payments 8080'];

describe('a call to an ExternalName', () => {
  test.each(['payments.pay', 'payments.pay.svc', 'payments.pay.svc.cluster.local', 'payments.pay.svc.corp.internal.'])(
    'that says %s goes to the workloads of that Service',
    (host) => {
      expect(answers([named(host)])).toEqual(PAYMENTS);
    },
  );

  test('of an ExternalName goes to the end of the chain, and a circle has none', () => {
    const chain = [named('second.shop.svc.cluster.local'), named('payments.pay.svc.cluster.local', 'second')];
    expect(answers(chain)).toEqual(PAYMENTS);
    const circle = [named('second.shop.svc.cluster.local'), named('alias.shop.svc.cluster.local', 'second')];
    expect(answers(circle)).toEqual([]);
  });

  test('at a port that the Service does not have may reach any of its ports', () => {
    expect(answers([named('payments.pay.svc')], { ...ALIAS, port: 8888 })).toEqual(PAYMENTS);
  });

  test('of a host elsewhere goes to nobody here', () => {
    expect(answers([named('db.example.com')])).toEqual([]);
  });
});

describe('a call to a Service without a selector', () => {
  test('goes to the pod that its EndpointSlice names', () => {
    const pod = { kind: 'Pod', name: 'payments-7d9c5f4b6d-x2x4z', namespace: 'pay' };
    expect(answers([byHand(), slice('alias', 'shop', { addresses: ['10.0.0.7'], targetRef: pod })])).toEqual(PAYMENTS);
  });

  test('goes to the pod of which the EndpointSlice of another Service knows the address', () => {
    const pod = { kind: 'Pod', name: 'payments-7d9c5f4b6d-x2x4z', namespace: 'pay' };
    const own = slice('payments', 'pay', { addresses: ['10.0.0.7'], targetRef: pod });
    expect(answers([byHand(), own, slice('alias', 'shop', { addresses: ['10.0.0.7'] })])).toEqual(PAYMENTS);
    expect(answers([byHand(), own, slice('alias', 'shop', { addresses: ['192.0.2.1'] })])).toEqual([]);
  });

  test('goes to the Service whose address its Endpoints hold', () => {
    const front: JsonObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'front-of-pay', namespace: 'pay' },
      spec: { clusterIP: '10.96.0.9', selector: { app: 'payments' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    const endpoints: JsonObject = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name: 'alias', namespace: 'shop' },
      subsets: [{ addresses: [{ ip: '10.96.0.9' }], ports: [{ port: 80 }] }],
    };
    expect(answers([byHand(), front, endpoints])).toEqual(PAYMENTS);
  });
});

describe('a call to a host of a ServiceEntry', () => {
  test('goes to the workloads that the entry selects', () => {
    expect(
      answers(
        [entry({ workloadSelector: { labels: { app: 'payments' } }, ports: [{ number: 443, targetPort: 8080 }] })],
        HOST,
      ),
    ).toEqual(PAYMENTS);
  });

  test('goes to the Service that is its endpoint', () => {
    expect(answers([entry({ endpoints: [{ address: 'payments.pay.svc.cluster.local' }] })], HOST)).toEqual(PAYMENTS);
  });

  test('goes to nobody here where its endpoints are elsewhere, or it has none', () => {
    expect(answers([entry({ endpoints: [{ address: '192.0.2.1' }] })], HOST)).toEqual([]);
    expect(answers([entry({})], HOST)).toEqual([]);
  });
});

test('a call to a Service with a selector, or to a pod, needs nobody to stand for it', () => {
  expect(answers([], { kind: 'service-port', namespace: 'pay', service: 'payments', port: 80 })).toEqual([]);
});
