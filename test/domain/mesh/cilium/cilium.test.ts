import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { protectionOf, type CiliumFeatures, type Edge } from '../../../../src/domain/mesh/cilium/protection.ts';
import { dataPlaneOf } from '../../../../src/domain/mesh/registry.ts';
import { known } from '../../../../src/domain/world/fact.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom, workload, type WorldOptions } from '../../../support/build-world.ts';
import { carrying, inShop, liveOf, meshOf } from '../recognised/foreign-world.ts';

const AGENTS = workload('kube-system', 'cilium', {
  kind: 'DaemonSet',
  labels: { 'k8s-app': 'cilium' },
  container: { name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.20.3' },
});
const POLICY = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'p', namespace: 'shop' } };
const CART = { endpointSelector: { matchLabels: { 'k8s:app': 'cart' } } };
const AUTHENTICATED = {
  ...POLICY,
  spec: { ...CART, ingress: [{ fromEndpoints: [{}], authentication: { mode: 'required' } }] },
};
const HTTP = {
  ...POLICY,
  spec: { ...CART, ingress: [{ toPorts: [{ ports: [{ port: '8080' }], rules: { http: [{ method: 'GET' }] } }] }] },
};
const DNS = {
  ...POLICY,
  spec: { ...CART, egress: [{ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] }] },
};
const MUTUAL = { 'mesh-auth-enabled': 'true', 'mesh-auth-mutual-enabled': 'true' };

function config(data: Readonly<Record<string, string>>): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cilium-config', namespace: 'kube-system' },
    data: { 'cni-exclusive': 'true', ...data },
  };
}

function cluster(
  objects: readonly JsonObject[],
  options: WorldOptions & { readonly shop?: Readonly<Record<string, string>> } = {},
): World {
  return worldFrom(
    [namespace('shop', options.shop), namespace('kube-system'), AGENTS, carrying('cart', {}), ...objects],
    options,
  );
}

function resolved(world: World) {
  const found = inShop(world, 'cart');
  return dataPlaneOf(found, liveOf(found), world);
}

function modeIn(world: World) {
  const found = inShop(world, 'cart');
  return meshOf('cilium').portMode({ workload: found, cohort: liveOf(found), port: 8080 }, world);
}

describe('Cilium as the network of a cluster', () => {
  test('is no mesh, and its pods are in none', () => {
    const world = cluster([config({}), DNS]);
    expect(meshOf('cilium').detect(world)).toMatchObject({ state: 'absent', version: known('1.20.3') });
    expect(resolved(world).mesh).toBeUndefined();
  });

  test('encrypts between nodes without being a mesh', () => {
    const world = cluster([config({ 'enable-wireguard': 'true' })]);
    expect(meshOf('cilium').detect(world)).toMatchObject({
      state: 'absent',
      details: { encryption: known('wireguard'), ztunnel: known('off') },
    });
    expect(resolved(world)).toMatchObject({ mesh: undefined, dataPlane: { mode: 'none' } });
    expect(resolved(world).dataPlane.reason).toContain('WireGuard');
    expect(modeIn(world)).toMatchObject({ mode: 'none', declared: 'encryption between nodes' });
  });

  test('leaves open what it is where its configuration was not read', () => {
    expect(meshOf('cilium').detect(cluster([])).state).toBe('unknown');
  });
});

describe('Cilium as a mesh', () => {
  test('asks for authentication, which is no mutual TLS', () => {
    const world = cluster([config(MUTUAL), AUTHENTICATED]);
    expect(meshOf('cilium').detect(world).state).toBe('active');
    expect(resolved(world)).toMatchObject({ mesh: { id: 'cilium' }, dataPlane: { mode: 'proxyless' } });
    expect(modeIn(world)).toMatchObject({
      mode: 'none',
      declared: 'mutual authentication (deprecated), no encryption',
    });
  });

  test('is installed where authentication is set up and nobody asks for it', () => {
    expect(meshOf('cilium').detect(cluster([config(MUTUAL)])).state).toBe('installed-unused');
  });

  test('judges HTTP requests only of the pods that the rule selects', () => {
    expect(resolved(cluster([config({}), HTTP])).dataPlane.mode).toBe('proxyless');
    const other = { ...HTTP, spec: { ...HTTP.spec, endpointSelector: { matchLabels: { app: 'other' } } } };
    expect(resolved(cluster([config({}), other])).mesh).toBeUndefined();
  });

  test('is contested where an Istio sidecar meets an HTTP rule', () => {
    const proxy = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.29.0', args: ['proxy', 'sidecar'] };
    const world = worldFrom([namespace('shop'), AGENTS, config({}), HTTP, carrying('cart', { containers: [proxy] })]);
    expect(resolved(world).mesh?.id).toBe('contested');
  });

  test('takes namespaces into ztunnel by label, where that is switched on', () => {
    const label = { 'mtls-enabled': 'true' };
    const world = cluster([config({ 'enable-ztunnel': 'true' })], { shop: label });
    expect(resolved(world).dataPlane).toMatchObject({ mesh: 'cilium', mode: 'ambient', captured: { known: false } });
    expect(modeIn(world).mode).toBe('permissive');
    expect(resolved(cluster([config({})], { shop: label })).mesh).toBeUndefined();
    expect(resolved(cluster([], { shop: label })).dataPlane.mode).toBe('unknown');
  });

  test.each([KIND.ciliumNetworkPolicy, KIND.ciliumClusterwideNetworkPolicy])(
    'is not known where %s were not read',
    (kind) => {
      expect(resolved(cluster([config({})], { forbidden: [kind] })).dataPlane.mode).toBe('unknown');
    },
  );
});

const NOTHING: CiliumFeatures = {
  encryption: known('none'),
  strictEncryption: known(false),
  mutualAuthentication: known(false),
  ztunnel: known(false),
  gatewayApi: known(false),
  ingressController: known(false),
  audit: known(false),
};
const PLAIN: Edge = { authenticationRequired: false, ztunnelEnds: 0 };

test.each<[string, Partial<CiliumFeatures>, Partial<Edge>, object]>([
  [
    'WireGuard without policies',
    { encryption: known('wireguard') },
    {},
    { confidentiality: 'node-to-node', identity: 'none' },
  ],
  [
    'authentication without encryption',
    { mutualAuthentication: known(true) },
    { authenticationRequired: true },
    { confidentiality: 'none', identity: 'out-of-band' },
  ],
  [
    'ztunnel with the server enrolled alone',
    { ztunnel: known(true) },
    { ztunnelEnds: 1 },
    { confidentiality: 'none', identity: 'none' },
  ],
  [
    'ztunnel with both ends enrolled',
    { ztunnel: known(true) },
    { ztunnelEnds: 2 },
    { confidentiality: 'per-connection', identity: 'per-connection' },
  ],
])('an edge with %s', (...[, features, edge, expected]) => {
  expect(protectionOf({ ...NOTHING, ...features }, { ...PLAIN, ...edge })).toEqual(known(expected));
});
