import { expect, test } from 'vitest';
import type { Detection } from '../../../../src/domain/mesh/mesh.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import { carrying, inShop, liveOf, meshOf } from './foreign-world.ts';

const OSM = { containers: [{ name: 'envoy', image: 'envoyproxy/envoy:v1.22' }], labels: { 'osm-proxy-uuid': 'a' } };
const OSM_CONFIG = {
  apiVersion: 'config.openservicemesh.io/v1alpha2',
  kind: 'MeshConfig',
  metadata: { name: 'osm-mesh-config', namespace: 'osm-system' },
  spec: { traffic: { enablePermissiveTrafficPolicyMode: true } },
};
const NGINX = { containers: [{ name: 'nginx-mesh-sidecar', image: 'nginx-mesh-sidecar:2.0.0' }] };
const NGINX_CONFIG = {
  apiVersion: 'nsm.nginx.com/v1alpha2',
  kind: 'MeshConfig',
  metadata: { name: 'nginx-mesh-config', namespace: 'nginx-mesh' },
  spec: { mtls: { mode: 'permissive' } },
};
const MODE = 'config.nsm.nginx.com/mtls-mode';

test.each<[string, Detection['mesh'], JsonObject, JsonObject, string]>([
  ['OSM: mTLS whatever the traffic policy mode', 'osm', OSM, OSM_CONFIG, 'strict'],
  [
    'OSM: a port that is left out',
    'osm',
    { ...OSM, annotations: { 'openservicemesh.io/inbound-port-exclusion-list': '8080' } },
    OSM_CONFIG,
    'disabled',
  ],
  ['NGINX: as MeshConfig says', 'nginx-service-mesh', NGINX, NGINX_CONFIG, 'permissive'],
  [
    'NGINX: the pod before MeshConfig',
    'nginx-service-mesh',
    { ...NGINX, annotations: { [MODE]: 'strict' } },
    NGINX_CONFIG,
    'strict',
  ],
])('%s', (...[, id, pod, config, expected]) => {
  const world = worldFrom([namespace('shop'), carrying('cart', pod), config]);
  const found = inShop(world, 'cart');
  expect(meshOf(id).portMode({ workload: found, cohort: liveOf(found), port: 8080 }, world).mode).toBe(expected);
});
