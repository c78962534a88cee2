import { expect, test } from 'vitest';
import { kumaTlsMode, type KumaTls } from '../../../../src/domain/mesh/kuma/tls-mode.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import { carrying, inShop, liveOf, meshOf } from '../recognised/foreign-world.ts';

const PERMISSIVE = { mode: 'PERMISSIVE' };

test.each<[string, Partial<KumaTls>, ReturnType<typeof kumaTlsMode>]>([
  ['the backend alone', { backend: PERMISSIVE }, 'Permissive'],
  ['the backend beside an identity', { backend: PERMISSIVE, identity: true }, 'Strict'],
  ['MeshTLS before both', { backend: PERMISSIVE, identity: true, meshTls: 'Permissive' }, 'Permissive'],
  ['MeshTLS without backend and identity', { meshTls: 'Strict' }, 'none'],
  ['the backend in 3.0', { major: 3, backend: { mode: undefined } }, 'none'],
  ['a backend without a mode', { backend: { mode: undefined } }, 'Strict'],
])('the TLS mode by %s', (_what, given, expected) => {
  expect(kumaTlsMode({ major: 2, backend: undefined, identity: false, meshTls: undefined, ...given })).toBe(expected);
});

test('a port is as the mesh of its pod says, so long as no policy or identity could change it', () => {
  const mesh = {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'Mesh',
    metadata: { name: 'default' },
    spec: { mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin', mode: 'PERMISSIVE' }] } },
  };
  const policy = {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshTLS',
    metadata: { name: 'p', namespace: 'kuma-system' },
    spec: {},
  };
  const pod = carrying('cart', {
    init: [{ name: 'kuma-sidecar', image: 'kumahq/kuma-dp:2.14.3', restartPolicy: 'Always' }],
  });
  const modeWith = (...more: object[]) => {
    const world = worldFrom([namespace('shop'), pod, mesh, ...more.map((object) => ({ ...object }))]);
    const found = inShop(world, 'cart');
    return meshOf('kuma').portMode({ workload: found, cohort: liveOf(found), port: 8080 }, world);
  };
  expect(modeWith()).toMatchObject({ mode: 'permissive', declared: 'Permissive' });
  expect(modeWith(policy).mode).toBe('unknown');
});
