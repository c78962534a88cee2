import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, node, service, workload } from '../../../support/build-world.ts';
import { stageOf, statesOf } from '../shop.ts';
import { linkerdPlan, row, scene, verdicts, worldAfter } from './run-plan.ts';

function port(name: string, more: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: {
      clusterIP: '10.96.0.9',
      selector: { app: name },
      ports: [{ port: 80, targetPort: 8080, ...more }],
      ...spec,
    },
  };
}

describe('a port at which the server speaks first', () => {
  const base = [node('n'), namespace('shop'), workload('shop', 'front'), service('shop', 'front')];
  const broker = [
    ...base,
    workload('shop', 'broker', { port: 4222, container: { image: 'nats:2' } }),
    port('broker', { port: 4222, targetPort: 4222 }),
  ];
  const shop = scene(broker, [row('front.shop', 'broker.shop', { port: 4222, protocol: 'nats' })]);
  const plan = linkerdPlan(shop);

  it('is made opaque at its Service before any pod has a proxy, in numbers', () => {
    expect(stageOf(plan, 'service-ports').steps).toMatchObject([
      {
        target: { name: 'broker' },
        patch: { metadata: { annotations: { 'config.linkerd.io/opaque-ports': '4222' } } },
      },
    ]);
    const waves = plan.stages.filter(({ kind, wave }) => kind === 'enrol' && wave !== undefined);
    expect(waves[0]?.dependsOn).toContain('service-ports');
  });

  it('is made opaque at its pods in the same restart that brings the proxy', () => {
    const wave = plan.stages.find(({ scope }) => scope.workloads.some(({ name }) => name === 'broker'));
    expect(JSON.stringify(wave?.steps)).toContain('"config.linkerd.io/opaque-ports":"4222"');
  });

  it('gets a Server of the same protocol, and no call stalls', () => {
    const { steps } = stageOf(plan, 'strict-shop');
    expect(JSON.stringify(steps)).toContain('"port":4222,"proxyProtocol":"opaque"');
    expect([...verdicts(shop, shop.world, worldAfter(shop.world, plan)).values()]).toEqual(['ok']);
  });

  it('needs nothing where the chart makes it opaque already', () => {
    const database = [
      ...base,
      workload('shop', 'db', { port: 3306, container: { image: 'mysql:8' } }),
      port('db', { port: 3306, targetPort: 3306 }),
    ];
    const other = linkerdPlan(scene(database, [row('front.shop', 'db.shop', { port: 3306, protocol: 'mysql' })]));
    expect(statesOf(other).filter((line) => line.startsWith('service-ports'))).toEqual([]);
    expect(JSON.stringify(stageOf(other, 'strict-shop').steps)).toContain('"proxyProtocol":"opaque"');
  });

  it('is written in numbers where the annotation names a port, which the policy controller drops whole', () => {
    const named = workload('shop', 'db', {
      port: 3306,
      container: { image: 'mysql:8', ports: [{ name: 'sql', containerPort: 3306 }] },
    });
    const template = { metadata: { labels: { app: 'db' }, annotations: { 'config.linkerd.io/opaque-ports': 'sql' } } };
    const spec = named['spec'] as JsonObject;
    const object = { ...named, spec: { ...spec, template: { ...(spec['template'] as JsonObject), ...template } } };
    const other = linkerdPlan(scene([...base, object, port('db', { port: 3306, targetPort: 3306 })], []));
    const wave = other.stages.find(({ scope }) => scope.workloads.some(({ name }) => name === 'db'));
    expect(JSON.stringify(wave?.steps)).toContain('"config.linkerd.io/opaque-ports":"3306"');
  });
});

describe('an appProtocol that Linkerd does not know', () => {
  const manifests = (more: JsonObject, spec: JsonObject = {}): readonly JsonObject[] => [
    node('n'),
    namespace('shop'),
    workload('shop', 'front'),
    workload('shop', 'cart'),
    port('cart', more, spec),
  ];
  const rows = [row('front.shop', 'cart.shop', { protocol: 'grpc' })];

  it('is taken away where it would make HTTP opaque, and comes back when undone', () => {
    const stage = stageOf(linkerdPlan(scene(manifests({ appProtocol: 'grpc' }), rows)), 'service-ports');
    expect(stage.steps).toMatchObject([{ patch: { spec: { ports: [{ port: 80, appProtocol: null }] } } }]);
    expect(stage.rollback.steps).toMatchObject([{ patch: { spec: { ports: [{ port: 80, appProtocol: 'grpc' }] } } }]);
  });

  it('stays where opaque is what the port should be', () => {
    const plan = linkerdPlan(scene(manifests({ appProtocol: 'tcp' }), rows));
    expect(statesOf(plan).filter((line) => line.startsWith('service-ports'))).toEqual([]);
  });

  it('stays on a load balancer, whose probe it decides, and the page says so', () => {
    const plan = linkerdPlan(scene(manifests({ appProtocol: 'grpc' }, { type: 'LoadBalancer' }), rows));
    const stage = stageOf(plan, 'service-ports');
    expect(stage.steps).toEqual([]);
    expect(stage.notes.join(' ')).toContain('the load balancer probes the port');
  });
});
