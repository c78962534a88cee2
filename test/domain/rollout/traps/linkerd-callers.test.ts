import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { cronJob, namespace, service, workload } from '../../../support/build-world.ts';
import { row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import {
  AGGREGATED,
  HOOKED,
  MIGRATES,
  SCRAPED,
  WEBHOOK,
  ingressTo,
  manifest,
  payLabelled,
  withSpec,
} from './trap-objects.ts';
import { obstaclesOf, registered, towardsLinkerd, type Trapped } from './trap-world.ts';

describe('callers without a proxy keep the port that they call as it is, in both layers', () => {
  test('Prometheus, which scrapes a port of the application', () => {
    const trapped = towardsLinkerd(SCRAPED);
    expect(registered(trapped, 'cart')).toEqual(['cart authorization 8080', 'cart mtls 8080']);
    expect(trapped.worse).toEqual([]);
  });

  test('an ingress controller', () => {
    const trapped = towardsLinkerd([...SHOP, ...ingressTo('shop', 'front')]);
    expect(registered(trapped, 'front')).toEqual(['front authorization 8080', 'front mtls 8080']);
    expect(trapped.worse).toEqual([]);
  });

  test.each([
    ['an admission webhook', WEBHOOK],
    ['an aggregated API', AGGREGATED],
  ])('the API server, which calls %s', (_what, object) => {
    const trapped = towardsLinkerd([...SHOP, ...HOOKED, object]);
    expect(registered(trapped, 'hook')).toEqual(['hook authorization 9443', 'hook mtls 9443']);
    expect(trapped.register.join('\n')).toContain('it waits for apiserver');
    expect(trapped.worse).toEqual([]);
  });

  test('a CronJob of a namespace that is no part of the plan', () => {
    const rows = [...SHOP_CALLS, row('report.batch', 'cart.shop')];
    const objects = [...SHOP, namespace('batch'), cronJob('batch', 'report')];
    const trapped = towardsLinkerd(objects, { rows, input: { namespaces: ['shop', 'pay'] } });
    expect(trapped.register.join('\n')).toContain('it waits for batch/CronJob/report');
    expect(registered(trapped, 'cart')).toEqual(['cart authorization 8080', 'cart mtls 8080']);
    expect(trapped.worse).toEqual([]);
  });
});

describe('an init container that calls a server', () => {
  const objects = [...SHOP, workload('shop', 'app', { podSpec: MIGRATES, container: { ports: [] } })];
  const rows = [...SHOP_CALLS, row('app.shop', 'payments.pay')];

  test('has a native sidecar before it, and nothing is excepted', () => {
    const trapped = towardsLinkerd(objects, { rows });
    expect([...trapped.inTheWay, ...trapped.worse, ...trapped.register]).toEqual([]);
  });

  test('keeps its port open where the proxy runs after it', () => {
    const trapped = towardsLinkerd(objects, { rows, input: { meshVersion: '2.19' } });
    expect(trapped.register.join('\n')).toContain('it waits for shop/Deployment/app: plaintext (start)');
    expect(trapped.worse).toEqual([]);
  });

  test('blocks its own wave where the CNI plugin captures it before the proxy runs, and its server waits for it', () => {
    const shop = namespace('shop', { 'pod-security.kubernetes.io/enforce': 'baseline' });
    const strict = objects.map((object) => (object === SHOP[1] ? shop : object));
    const { blockedBy, wave } = towardsLinkerd(strict, { rows, input: { meshVersion: '2.19' } });
    expect(wave('app').state).toBe('blocked');
    expect(blockedBy('strict-pay')).toContain('shop/Deployment/app: plaintext (start)');
  });
});

test('a namespace that the injector leaves out is not made STRICT, and says why', () => {
  const { blockedBy, worse } = towardsLinkerd(payLabelled({ 'config.linkerd.io/admission-webhooks': 'disabled' }));
  expect(blockedBy('strict-pay')).toContain("the webhook of Linkerd's injector leaves out these pods of namespace pay");
  expect(worse).toEqual([]);
});

describe('routes of somebody else', () => {
  const route = (parent: string): JsonObject =>
    manifest('policy.linkerd.io/v1beta3 HTTPRoute', 'shop/api', {
      parentRefs: [{ group: 'core', kind: 'Service', name: parent, port: 8080 }],
      rules: [{ backendRefs: [{ name: 'cart', port: 80 }] }],
    });
  const db = workload('shop', 'db', { kind: 'StatefulSet' });
  const rows = [...SHOP_CALLS, row('cart.shop', 'db.shop', { port: 8080 })];

  test('at a headless Service do not touch its calls', () => {
    const headless = withSpec(service('shop', 'db', { port: 8080 }), { clusterIP: 'None' });
    const { inTheWay, worse } = towardsLinkerd([...SHOP, db, headless, route('db')], { rows });
    expect([...inTheWay, ...worse]).toEqual([]);
  });

  test('at another Service make its calls unknown, which stops the wave of the client', () => {
    const { wave } = towardsLinkerd([...SHOP, db, service('shop', 'db', { port: 8080 }), route('db')], { rows });
    expect(JSON.stringify(wave('cart').blockedBy)).toContain('HTTPRoute shop/api');
  });

  test('of the Gateway API with filters that are not followed make calls unknown, which stops the wave of the client', () => {
    const cors = manifest('gateway.networking.k8s.io/v1 HTTPRoute', 'pay/api', {
      parentRefs: [{ group: '', kind: 'Service', name: 'payments', port: 80 }],
      rules: [
        {
          filters: [{ type: 'CORS', cors: { allowOrigins: ['*'] } }],
          backendRefs: [{ name: 'payments', port: 80 }],
        },
      ],
    });
    expect(JSON.stringify(towardsLinkerd([...SHOP, cors]).wave('cart').blockedBy)).toContain('HTTPRoute pay/api');
  });
});

test('a machine outside the cluster that is in the mesh keeps STRICT and deny away, because its calls are in no list', () => {
  const machine = manifest('workload.linkerd.io/v1beta1 ExternalWorkload', 'shop/vm', {
    meshTLS: { identity: 'spiffe://root.linkerd.cluster.local/vm', serverName: 'vm.cluster.local' },
    workloadIPs: [{ ip: '192.0.2.0' }],
  });
  const { plan, blockedBy } = towardsLinkerd([...SHOP, machine]);
  expect(blockedBy('strict-shop')).toContain(
    'a remote cluster or VM may call: unknown caller, as ExternalWorkload shop/vm',
  );
  const cutting = plan.stages.filter(({ id, state }) => /^(strict|deny|default)-/.test(id) && state === 'ready');
  expect(cutting.map(({ id }) => id)).toEqual([]);
});

describe('the control plane', () => {
  const shop = towardsLinkerd(SHOP);

  test('is not through before linkerd check has looked at certificates and cluster networks', () => {
    const gate = stageOf(shop.plan, 'control-plane').exitGate.find(({ id }) => id === 'linkerd-check');
    expect(gate).toMatchObject({ command: ['linkerd', 'check'] });
    expect(gate?.text).toContain('cluster networks that hold every node, pod and Service address');
  });

  test('rests on an anchor that does not end after a year', () => {
    const gate = stageOf(shop.plan, 'trust')
      .exitGate.map(({ text }) => text)
      .join('\n');
    const entry = stageOf(shop.plan, 'trust')
      .entryGate.map(({ text }) => text)
      .join('\n');
    expect(`${gate}\n${entry}`).toContain('not the one that linkerd install makes, which ends after a year');
  });

  test('has linkerd-init run as root where a node runs Docker, and nowhere else', () => {
    const docker = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
      status: { nodeInfo: { kubeletVersion: 'v1.34.2', containerRuntimeVersion: 'docker://20.10.24' } },
    };
    const values = ({ plan }: Trapped): unknown => stageOf(plan, 'control-plane').helmValues[0]?.values['proxyInit'];
    expect(values(towardsLinkerd([docker, ...SHOP.slice(1)]))).toEqual({ runAsRoot: true });
    expect(values(shop)).toBeUndefined();
  });
});

test('a Server that says deny before its callers are named stops the wave, by its name', () => {
  const server = manifest('policy.linkerd.io/v1beta3 Server', 'pay/theirs', {
    podSelector: { matchLabels: { app: 'payments' } },
    port: 8080,
    accessPolicy: 'deny',
  });
  const { wave, worse } = towardsLinkerd([...SHOP, server]);
  expect(obstaclesOf(wave('payments'))).toContain('nothing on Server theirs lets this client in');
  expect(worse).toEqual([]);
});
