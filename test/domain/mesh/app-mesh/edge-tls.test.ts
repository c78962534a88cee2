import { expect, test } from 'vitest';
import { clientTlsFor, edgeTls } from '../../../../src/domain/mesh/app-mesh/edge-tls.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import { APP_MESH_ENVOY, carrying, inShop, liveOf, meshOf } from '../recognised/foreign-world.ts';

const ACM = { mode: 'STRICT', certificate: { acm: { certificateARN: 'arn' } } };
const VALIDATING = { mode: 'STRICT', validation: { trust: { file: { certificateChain: '/ca.pem' } } } };
const SDS = { certificate: { sds: { secretName: 'spiffe://x' } } };

test.each<[string, unknown, unknown, object]>([
  ['a strict listener and a client without policy', ACM, undefined, { wire: 'tls-one-way', strict: true }],
  ['a validating listener and a client with a certificate', VALIDATING, SDS, { wire: 'mtls', strict: true }],
  ['no TLS and a client that enforces it', undefined, { enforce: true }, { wire: 'broken', strict: false }],
  ['no TLS and a client that says nothing', undefined, undefined, { wire: 'plaintext', strict: false }],
  ['no TLS and a client that enforces it elsewhere', undefined, { ports: [443] }, { wire: 'plaintext', strict: false }],
])('an edge with %s', (...[, listenerTls, clientTls, expected]) => {
  expect(edgeTls({ port: 8080, listenerTls, clientTls })).toEqual(expected);
});

test('a backend that does not enforce TLS comes before the default that does', () => {
  const spec = { backendDefaults: { clientPolicy: { tls: { enforce: true } } } };
  const clientTls = clientTlsFor(spec, { enforce: false });
  expect(edgeTls({ port: 8080, listenerTls: undefined, clientTls }).wire).toBe('plaintext');
  expect(edgeTls({ port: 8080, listenerTls: undefined, clientTls: clientTlsFor(spec, undefined) }).wire).toBe('broken');
});

test.each<[JsonObject | undefined, object]>([
  [ACM, { mode: 'none', declared: 'STRICT, one-way TLS' }],
  [VALIDATING, { mode: 'strict', declared: 'STRICT' }],
  [undefined, { mode: 'disabled', declared: 'DISABLED' }],
])('a port whose listener says %j', (tls, expected) => {
  const listener = { portMapping: { port: 8080, protocol: 'http' }, ...(tls === undefined ? {} : { tls }) };
  const node = {
    apiVersion: 'appmesh.k8s.aws/v1beta2',
    kind: 'VirtualNode',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'cart' } }, listeners: [listener] },
  };
  const world = worldFrom([namespace('shop'), node, carrying('cart', { containers: [APP_MESH_ENVOY] })]);
  const found = inShop(world, 'cart');
  expect(meshOf('app-mesh').portMode({ workload: found, cohort: liveOf(found), port: 8080 }, world)).toMatchObject(
    expected,
  );
});
