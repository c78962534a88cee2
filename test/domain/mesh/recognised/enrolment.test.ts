import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { Detection } from '../../../../src/domain/mesh/mesh.ts';
import { admitPod, dataPlaneOf } from '../../../../src/domain/mesh/registry.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom, type WorldOptions } from '../../../support/build-world.ts';
import {
  APP_MESH_CONTROLLER,
  carrying,
  consulInstalled,
  controller,
  DATAPLANE,
  INJECTED,
  inShop,
  liveOf,
  meshOf,
  podWebhook,
} from './foreign-world.ts';

const KUMA = 'kuma.io/sidecar-injection';
const APP_MESH = 'appmesh.k8s.aws/sidecarInjectorWebhook';
const ISTIO_WEBHOOK = podWebhook('istio-sidecar-injector', 'namespace.sidecar-injector.istio.io', {
  namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
});
const ISTIO_SETTINGS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'istio-sidecar-injector', namespace: 'istio-system' },
  data: { config: '{"policy":"enabled"}', values: '{}' },
};
const ISTIOD = controller('istio-system', 'istiod', { name: 'discovery', image: 'docker.io/istio/pilot:1.29.0' });
const KUMA_INSTALLED = [
  controller('kuma-system', 'kuma-control-plane', { name: 'control-plane', image: 'kumahq/kuma-cp:2.13.0' }),
  podWebhook('kuma-admission-mutating-webhook-configuration', 'pods-kuma-injector.kuma.io', {
    namespaceSelector: { matchExpressions: [{ key: KUMA, operator: 'Exists' }] },
  }),
];
const APP_MESH_INSTALLED = [
  APP_MESH_CONTROLLER,
  podWebhook('appmesh-controller-mutating-webhook-configuration', 'mpod.appmesh.k8s.aws', {
    namespaceSelector: { matchExpressions: [{ key: APP_MESH, operator: 'In', values: ['enabled', 'disabled'] }] },
  }),
  { apiVersion: 'appmesh.k8s.aws/v1beta2', kind: 'Mesh', metadata: { name: 'm' }, spec: { namespaceSelector: {} } },
];

function decide(id: Detection['mesh'], objects: readonly JsonObject[], options: WorldOptions = {}) {
  const world = worldFrom(objects, options);
  return meshOf(id).enrolment('shop', inShop(world, 'cart').template, world);
}

describe('whether new pods get a proxy', () => {
  test.each<[string, Detection['mesh'], readonly JsonObject[], string]>([
    [
      'Kuma: a pod label in a namespace without the label',
      'kuma',
      [namespace('shop'), carrying('cart', { labels: { [KUMA]: 'enabled' } }), ...KUMA_INSTALLED],
      'skip',
    ],
    [
      'Kuma: the namespace label',
      'kuma',
      [namespace('shop', { [KUMA]: 'enabled' }), carrying('cart', {}), ...KUMA_INSTALLED],
      'inject',
    ],
    [
      'Kuma: the pod label against the namespace',
      'kuma',
      [
        namespace('shop', { [KUMA]: 'enabled' }),
        carrying('cart', { labels: { [KUMA]: 'disabled' } }),
        ...KUMA_INSTALLED,
      ],
      'skip',
    ],
    [
      'Kuma: a webhook without a control plane',
      'kuma',
      [namespace('shop', { [KUMA]: 'enabled' }), carrying('cart', {}), ...KUMA_INSTALLED.slice(1)],
      'unknown',
    ],
    [
      'App Mesh: a pod annotation in a namespace without the label',
      'app-mesh',
      [namespace('shop'), carrying('cart', { annotations: { [APP_MESH]: 'enabled' } }), ...APP_MESH_INSTALLED],
      'skip',
    ],
    [
      'App Mesh: no VirtualNode for the pod',
      'app-mesh',
      [namespace('shop', { [APP_MESH]: 'enabled' }), carrying('cart', {}), ...APP_MESH_INSTALLED],
      'unknown',
    ],
    [
      'App Mesh: one VirtualNode for the pod',
      'app-mesh',
      [namespace('shop', { [APP_MESH]: 'enabled' }), carrying('cart', {}), ...APP_MESH_INSTALLED, virtualNode('a')],
      'inject',
    ],
    [
      'App Mesh: two VirtualNodes for the pod',
      'app-mesh',
      [
        namespace('shop', { [APP_MESH]: 'enabled' }),
        carrying('cart', {}),
        ...APP_MESH_INSTALLED,
        virtualNode('a'),
        virtualNode('b'),
      ],
      'unknown',
    ],
    [
      'Consul: injection by default',
      'consul',
      [namespace('shop'), carrying('cart', {}), ...consulInstalled(true)],
      'inject',
    ],
    [
      'Consul: injection on request',
      'consul',
      [namespace('shop'), carrying('cart', {}), ...consulInstalled(false)],
      'skip',
    ],
    [
      'Consul: a pod that asks',
      'consul',
      [
        namespace('shop'),
        carrying('cart', { annotations: { 'consul.hashicorp.com/connect-inject': 'true' } }),
        ...consulInstalled(false),
      ],
      'inject',
    ],
    [
      'Consul: a pod that is marked already',
      'consul',
      [namespace('shop'), carrying('cart', { annotations: { [INJECTED]: 'injected' } }), ...consulInstalled(true)],
      'skip',
    ],
  ])('%s', (...[, id, objects, expected]) => {
    expect(decide(id, objects).decision).toBe(expected);
  });

  test.each<Detection['mesh']>(['consul', 'kuma', 'app-mesh', 'osm', 'nginx-service-mesh'])(
    '%s is not known where webhooks were not read',
    (id) => {
      expect(
        decide(id, [namespace('shop'), carrying('cart', {})], { forbidden: [KIND.mutatingWebhook] }).decision,
      ).toBe('unknown');
    },
  );

  test('keeps of the injector’s script its flags alone', () => {
    expect(JSON.stringify(worldFrom(consulInstalled()).list(KIND.deployment))).not.toContain('hunter2');
  });
});

describe('two meshes that claim the same pods', () => {
  const both = [
    namespace('shop', { 'istio-injection': 'enabled' }),
    namespace('istio-system'),
    carrying('cart', {}),
    ISTIOD,
    ISTIO_SETTINGS,
    ISTIO_WEBHOOK,
  ];

  test('leave what becomes of new pods unknown, both named', () => {
    const world = worldFrom([...both, ...consulInstalled(true)]);
    const found = inShop(world, 'cart');
    const { mesh, dataPlane } = dataPlaneOf(found, found.next, world);
    expect(mesh?.id).toBe('contested');
    expect(dataPlane).toMatchObject({ mode: 'unknown', captured: { known: false } });
    expect(dataPlane.reason).toMatch(/Istio.*Consul/);
    const admitted = admitPod('shop', found.template, world);
    expect(admitted.pod).toBeUndefined();
    expect(admitted.assumptions.join()).toContain('Consul and Istio both take new pods in shop');
  });

  test('are one where Consul injects on request only', () => {
    const world = worldFrom([...both, ...consulInstalled(false)]);
    const found = inShop(world, 'cart');
    expect(dataPlaneOf(found, found.next, world).mesh?.id).toBe('istio');
    expect(admitPod('shop', found.template, world).pod?.containers.map(({ name }) => name)).toEqual([
      'app',
      'istio-proxy',
    ]);
  });

  test('leave live pods with two sidecars unknown', () => {
    const istio = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.29.0', args: ['proxy', 'sidecar'] };
    const world = worldFrom([namespace('shop'), carrying('cart', { containers: [istio, DATAPLANE] })]);
    const found = inShop(world, 'cart');
    expect(dataPlaneOf(found, liveOf(found), world).mesh?.id).toBe('contested');
  });

  test('leave pods that ztunnel captures beside another sidecar unknown', () => {
    const sidecar = { name: 'kuma-sidecar', image: 'kumahq/kuma-dp:2.13.0' };
    const pod = carrying('cart', { containers: [sidecar], annotations: { 'ambient.istio.io/redirection': 'enabled' } });
    const world = worldFrom([namespace('shop', { 'istio.io/dataplane-mode': 'ambient' }), pod]);
    const found = inShop(world, 'cart');
    expect(dataPlaneOf(found, liveOf(found), world).dataPlane.reason).toMatch(/Istio \(ambient\).*Kuma \(sidecar\)/);
  });
});

describe('pods with a proxy whose rules are not resolved', () => {
  test('are no pods without a proxy: every answer about their calls is unknown', () => {
    const world = worldFrom([namespace('shop'), carrying('cart', { containers: [DATAPLANE] })]);
    const found = inShop(world, 'cart');
    const cohort = liveOf(found);
    const { mesh, dataPlane } = dataPlaneOf(found, cohort, world);
    expect(dataPlane).toMatchObject({ mesh: 'consul', mode: 'sidecar' });
    const server = { workload: found, cohort, port: 8080 };
    const arrival = {
      sender: 'workload',
      wire: 'plaintext',
      payload: 'http',
      serverFirst: { known: true, value: false },
    } as const;
    expect(mesh?.inbound(server, arrival, world).outcome).toBe('unknown');
    expect(mesh?.outbound({ workload: found, cohort, phase: 'run' }, { server }, world).wire).toBe('unknown');
    expect(mesh?.egress({ workload: found, cohort, phase: 'run' }, world).known).toBe(false);
  });
});

describe('admission', () => {
  test('asks webhooks in the order of their configurations’ names', () => {
    const late = podWebhook('zz-consul', 'connect-injector.consul.hashicorp.com');
    const order = (webhooks: readonly JsonObject[]): string => assumptionsIn(worldFrom([...base(), ...webhooks]));
    expect(order([podWebhook('aa-consul', 'connect-injector.consul.hashicorp.com'), ISTIO_WEBHOOK])).toContain(
      'Consul and Istio',
    );
    expect(order([late, ISTIO_WEBHOOK])).toContain('Istio and Consul');
  });
});

function base(): readonly JsonObject[] {
  return [
    namespace('shop', { 'istio-injection': 'enabled' }),
    carrying('cart', {}),
    ISTIOD,
    ISTIO_SETTINGS,
    ...consulInstalled(true).slice(0, 3),
  ];
}

function assumptionsIn(world: World): string {
  return admitPod('shop', inShop(world, 'cart').template, world).assumptions.join();
}

function virtualNode(name: string): JsonObject {
  return {
    apiVersion: 'appmesh.k8s.aws/v1beta2',
    kind: 'VirtualNode',
    metadata: { name, namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'cart' } } },
  };
}
