import { describe, expect, test } from 'vitest';
import type { Detection } from '../../../../src/domain/mesh/mesh.ts';
import { dataPlaneOf } from '../../../../src/domain/mesh/registry.ts';
import { withBuckets } from '../../../../src/domain/world/object-world.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { service, worldFrom } from '../../../support/build-world.ts';
import {
  APP_MESH_CONTROLLER,
  APP_MESH_ENVOY,
  carrying,
  consulInstalled,
  controller,
  CONSUL_FLAGS,
  CONSUL_WEBHOOK,
  DATAPLANE,
  definition,
  INJECTED,
  inShop,
  meshOf,
  podWebhook,
  SHOP,
  stateOf,
} from './foreign-world.ts';

const OWN_KIND: readonly Detection['mesh'][] = [
  'consul',
  'cilium',
  'app-mesh',
  'kuma',
  'osm',
  'traefik-mesh',
  'nginx-service-mesh',
  'cloud-service-mesh',
  'vpc-lattice',
  'smi',
];
const MESH_DEFINITIONS = ['appmesh.k8s.aws', 'consul.hashicorp.com', 'kuma.io'].map((group) =>
  definition('meshes', group, 'Mesh'),
);
const APP_MESH_POD = carrying('cart', {
  containers: [APP_MESH_ENVOY],
  init: [{ name: 'proxyinit', image: 'x/aws-appmesh-proxy-route-manager:v7' }],
});
const OSM_POD = carrying('cart', {
  containers: [{ name: 'envoy', image: 'envoyproxy/envoy:v1.22' }],
  init: [{ name: 'osm-init', image: 'openservicemesh/init:v1.2.4' }],
  labels: { 'osm-proxy-uuid': 'a' },
});
const KUMA_POD = carrying('cart', {
  init: [
    { name: 'kuma-init', image: 'kumahq/kuma-init:2.14.3' },
    { name: 'kuma-sidecar', image: 'kumahq/kuma-dp:2.14.3', restartPolicy: 'Always' },
  ],
});
const KUMA_CONTROL_PLANE = controller('kuma-system', 'kuma-control-plane', {
  name: 'control-plane',
  image: 'kumahq/kuma-cp:2.14.3',
});

describe('a mesh that is not here', () => {
  test.each(OWN_KIND)('%s is absent from an empty cluster that was read whole', (id) => {
    expect(stateOf(id, worldFrom([SHOP]))).toBe('absent');
  });

  test.each(OWN_KIND)('%s is not known where nothing was read', (id) => {
    expect(stateOf(id, worldFrom([], { basis: 'dump' }))).toBe('unknown');
  });

  test('is each told by its API group where their kinds have one name', () => {
    const one = worldFrom([definition('meshes', 'appmesh.k8s.aws', 'Mesh')]);
    expect([stateOf('app-mesh', one), stateOf('consul', one), stateOf('kuma', one)]).toEqual([
      'remnant',
      'absent',
      'absent',
    ]);
    const three = worldFrom(MESH_DEFINITIONS);
    expect([stateOf('app-mesh', three), stateOf('consul', three), stateOf('kuma', three)]).toEqual([
      'remnant',
      'remnant',
      'remnant',
    ]);
  });

  test('is not seen in an Envoy of somebody’s own', () => {
    const world = worldFrom([
      SHOP,
      carrying('cart', { containers: [{ name: 'envoy', image: 'envoyproxy/envoy:v1.30' }] }),
    ]);
    expect([stateOf('app-mesh', world), stateOf('osm', world)]).toEqual(['absent', 'absent']);
    expect(dataPlaneOf(inShop(world, 'cart'), inShop(world, 'cart').next, world).mesh).toBeUndefined();
  });
});

describe('AWS App Mesh', () => {
  const objects = [SHOP, APP_MESH_POD, APP_MESH_CONTROLLER];

  test('is orphaned after its end, though the controller runs', () => {
    const found = meshOf('app-mesh').detect(worldFrom(objects));
    expect(found).toMatchObject({ state: 'orphaned', support: { status: 'ended', since: '2026-09-30' } });
  });

  test('was active before its end, and without a date nobody can tell', () => {
    expect(stateOf('app-mesh', at(worldFrom(objects), '2026-09-29T23:59:59Z'))).toBe('active');
    const dateless = withBuckets(worldFrom(objects), new Map(), {
      asOf: { known: false, reason: 'files carry no time' },
    });
    expect(stateOf('app-mesh', dateless)).toBe('unknown');
  });
});

describe('the archived meshes', () => {
  test('OSM without its controller leaves orphans', () => {
    const found = meshOf('osm').detect(worldFrom([SHOP, OSM_POD]));
    expect(found).toMatchObject({ state: 'orphaned', support: { status: 'archived' } });
  });

  test('Traefik Mesh is in use where somebody calls its hosts', () => {
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'urls', namespace: 'shop' },
      data: { url: 'http://foo.default.traefik.mesh' },
    };
    const shadow = { ...service('traefik-mesh', 'traefik-mesh-foo-6d61657368-default') };
    const running = controller('traefik-mesh', 'traefik-mesh-controller', { name: 'c', image: 'traefik/mesh:v1.4.8' });
    const found = meshOf('traefik-mesh').detect(worldFrom([SHOP, config, shadow, running]));
    expect(found).toMatchObject({ state: 'active', details: { consumers: { known: true, value: '1' } } });
    expect(stateOf('traefik-mesh', worldFrom([SHOP, config, shadow]))).toBe('orphaned');
    expect(stateOf('traefik-mesh', worldFrom([SHOP, shadow]))).toBe('remnant');
  });

  test('SMI is left over without a controller, whatever Flagger is there', () => {
    const definitions = [definition('trafficsplits', 'split.smi-spec.io', 'TrafficSplit')];
    const flagger = controller('flagger', 'flagger', { name: 'flagger', image: 'ghcr.io/fluxcd/flagger:1.38.0' });
    const found = meshOf('smi').detect(worldFrom([...definitions, flagger]));
    expect(found).toMatchObject({ state: 'remnant', details: { owner: { known: true, value: 'none' } } });
    expect(found.evidence.map(({ rule }) => rule).join()).toContain('Flagger');
  });

  test('SMI belongs to the controller that is here', () => {
    const split = {
      apiVersion: 'split.smi-spec.io/v1alpha2',
      kind: 'TrafficSplit',
      metadata: { name: 'a', namespace: 'shop' },
    };
    const osm = controller('osm-system', 'osm-controller', {
      name: 'osm-controller',
      image: 'openservicemesh/osm-controller:v1.2.4',
    });
    const found = meshOf('smi').detect(worldFrom([SHOP, split, osm]));
    expect(found).toMatchObject({ state: 'active', details: { owner: { known: true, value: 'Open Service Mesh' } } });
    expect(stateOf('smi', worldFrom([SHOP, osm]))).toBe('absent');
  });
});

describe('Kuma', () => {
  test('is active with a native sidecar, installed without any, orphaned without a control plane that answers', () => {
    expect(stateOf('kuma', worldFrom([SHOP, KUMA_POD, KUMA_CONTROL_PLANE]))).toBe('active');
    expect(stateOf('kuma', worldFrom([SHOP, KUMA_CONTROL_PLANE]))).toBe('installed-unused');
    const stopped = { ...KUMA_CONTROL_PLANE, status: { replicas: 1, unavailableReplicas: 1 } };
    expect(stateOf('kuma', worldFrom([SHOP, KUMA_POD, stopped]))).toBe('orphaned');
  });

  test('has an external control plane where its webhook is answered outside', () => {
    const outside = podWebhook('kuma-admission', 'pods-kuma-injector.kuma.io', {
      clientConfig: { url: 'https://cp.example' },
    });
    expect(stateOf('kuma', worldFrom([SHOP, KUMA_POD, outside]))).toBe('external');
  });
});

describe('Consul', () => {
  test('has external servers where only its injector is in the cluster', () => {
    const injector = controller('consul', 'consul-connect-injector', CONSUL_FLAGS(false));
    expect(stateOf('consul', worldFrom([SHOP, injector, CONSUL_WEBHOOK]))).toBe('external');
    expect(stateOf('consul', worldFrom([SHOP, ...consulInstalled()]))).toBe('installed-unused');
    const meshed = carrying('cart', { containers: [DATAPLANE], annotations: { [INJECTED]: 'injected' } });
    expect(stateOf('consul', worldFrom([SHOP, ...consulInstalled(), meshed]))).toBe('active');
  });

  test('says which pods are marked and have no proxy', () => {
    const drifted = carrying('cart', { annotations: { [INJECTED]: 'injected' } });
    const world = worldFrom([SHOP, ...consulInstalled(), drifted]);
    expect(
      meshOf('consul')
        .detect(world)
        .evidence.map(({ rule }) => rule)
        .join(),
    ).toContain('no consul-dataplane');
    const { mesh, dataPlane } = dataPlaneOf(inShop(world, 'cart'), inShop(world, 'cart').next, world);
    expect(mesh).toBeUndefined();
    expect(dataPlane.reason).toContain('marked as injected');
  });
});

describe('provider meshes', () => {
  const revision = {
    apiVersion: 'mesh.cloud.google.com/v1beta1',
    kind: 'ControlPlaneRevision',
    metadata: { name: 'asm-managed', namespace: 'istio-system' },
  };
  const sidecar = carrying('cart', {
    containers: [
      { name: 'istio-proxy', image: 'gcr.io/gke-release/asm/proxyv2:1.21.5-asm.9', args: ['proxy', 'sidecar'] },
    ],
  });

  test('the managed control plane of GKE is elsewhere, and which implementation it is only Google says', () => {
    const found = meshOf('cloud-service-mesh').detect(worldFrom([SHOP, revision, sidecar]));
    expect(found).toMatchObject({
      state: 'external',
      revisions: ['asm-managed'],
      details: { implementation: { known: false }, proxies: { known: true, value: '1' } },
    });
  });

  test('VPC Lattice is in use where a Gateway of its class stands', () => {
    const aws = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'amazon-vpc-lattice' },
      spec: { controllerName: 'application-networking.k8s.aws/gateway-api-controller' },
    };
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'net', namespace: 'shop' },
      spec: { gatewayClassName: 'amazon-vpc-lattice' },
    };
    const running = controller('aws-application-networking-system', 'gateway-api-controller', {
      name: 'manager',
      image: 'public.ecr.aws/aws-application-networking-k8s/aws-gateway-controller:v2.1.3',
    });
    expect(stateOf('vpc-lattice', worldFrom([SHOP, aws, gateway, running]))).toBe('active');
    expect(stateOf('vpc-lattice', worldFrom([SHOP, aws, running]))).toBe('installed-unused');
    expect(stateOf('vpc-lattice', worldFrom([SHOP, aws]))).toBe('remnant');
  });
});

function at(world: World, asOf: string): World {
  return withBuckets(world, new Map(), { asOf: { known: true, value: asOf } });
}
