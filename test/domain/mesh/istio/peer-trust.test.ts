import { describe, expect, test } from 'vitest';
import { strangersTo, whyUntrusted } from '../../../../src/domain/mesh/istio/peer-trust.ts';
import type { HandshakeQuestion } from '../../../../src/domain/mesh/mesh.ts';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../../../src/domain/world/coverage.ts';
import { known, unknown } from '../../../../src/domain/world/fact.ts';
import { ambientMesh, ambientPod, completeWorld, controlPlane, pod } from '../../../cases-runner/case-world.ts';
import { podEnd } from '../../../cases-runner/istio/seam-ends.ts';

const SERVER = { namespace: 'shop', name: 'server' };
const SIDECAR = pod({ ...SERVER, sidecar: true });
const CONFIG = { trustDomain: 'new.example', trustDomainAliases: ['old.example', 'older.example'] };

interface Scene {
  readonly mesh?: readonly KubeObject[];
  readonly server?: KubeObject;
  readonly wire?: HandshakeQuestion['arrival']['wire'];
  readonly identity?: HandshakeQuestion['identity'];
  readonly coverage?: readonly CoverageEntry[];
}

function worldOf({ mesh = controlPlane({ mesh: CONFIG }), server = SIDECAR, coverage }: Scene) {
  return completeWorld([...mesh, server], coverage);
}

/** What becomes of the certificate: `taken`, `refused: ...` or `unknown: ...`. */
function judged(trustDomain: string, scene: Scene = {}): string {
  const world = worldOf(scene);
  const arrival = {
    sender: 'workload',
    wire: scene.wire ?? 'mtls',
    payload: 'http',
    serverFirst: known(false),
  } as const;
  const identity = scene.identity ?? known(`spiffe://${trustDomain}/ns/web/sa/front`);
  const answer = whyUntrusted({ server: { ...podEnd(world, 'shop', 'server'), port: 8080 }, arrival, identity }, world);
  if (!answer.known) return `unknown: ${answer.reason}`;
  return answer.value === undefined ? 'taken' : `refused: ${answer.value}`;
}

describe('the certificate that a peer shows to a sidecar', () => {
  test.each(['new.example', 'old.example', 'older.example'])(
    'is taken where %s is the trust domain of the mesh or an alias',
    (trustDomain) => {
      expect(judged(trustDomain)).toBe('taken');
    },
  );

  test.each(['other.example', 'example', 'new.example.org', 'NEW.example', 'cluster.local'])(
    'is refused where %s is neither',
    (trustDomain) => {
      expect(judged(trustDomain)).toBe(
        `refused: the client shows an identity of trust domain ${trustDomain}, and the server's proxy is of new.example, which has no alias for it`,
      );
    },
  );

  test('is of cluster.local in a mesh that names no trust domain', () => {
    const mesh = controlPlane();
    expect(judged('cluster.local', { mesh })).toBe('taken');
    expect(judged('new.example', { mesh })).toMatch(/^refused: .* is of cluster\.local/);
  });

  test('is taken where istiod is told not to compare trust domains', () => {
    const mesh = controlPlane({ mesh: CONFIG, env: { PILOT_SKIP_VALIDATE_TRUST_DOMAIN: 'true' } });
    expect(judged('other.example', { mesh })).toBe('taken');
  });

  test('is not known to be taken or refused where the mesh configuration was not read', () => {
    const mesh = controlPlane().filter(({ kind }) => kind !== 'ConfigMap');
    const coverage = [{ kind: KIND.configMap, state: 'forbidden', objects: 0 }] as const;
    expect(judged('cluster.local', { mesh, coverage })).toMatch(/^unknown/);
    expect(judged('other.example', { mesh, coverage })).toMatch(/^unknown/);
  });

  test('is compared with the trust domain of the revision that the server is of', () => {
    const mesh = [
      ...controlPlane({ mesh: CONFIG }),
      ...controlPlane({ revision: 'b', mesh: { trustDomain: 'b.example' } }),
    ];
    const server = pod({ ...SERVER, sidecar: true, revision: 'b' });
    expect([judged('b.example', { mesh }), judged('b.example', { mesh, server })]).toEqual([
      expect.stringMatching(/^refused/),
      'taken',
    ]);
    expect(judged('old.example', { mesh, server })).toMatch(/^refused/);
  });

  test('is looked at only where the mesh has set up the connection, and somebody shows one', () => {
    for (const wire of ['plaintext', 'tls'] as const)
      expect([wire, judged('other.example', { wire })]).toEqual([wire, 'taken']);
    expect(judged('', { identity: known(undefined) })).toBe('taken');
    expect(judged('', { identity: unknown('nobody knows who calls') })).toBe('taken');
  });

  test('is looked at by nobody where the server has no proxy', () => {
    expect(judged('other.example', { server: pod({ ...SERVER, sidecar: false }) })).toBe('taken');
  });
});

describe('the certificate that a peer shows to ztunnel', () => {
  const scene: Scene = { mesh: ambientMesh({ mesh: CONFIG }), server: ambientPod(SERVER), wire: 'hbone' };

  test('is taken where it is of the mesh itself', () => {
    expect(judged('new.example', scene)).toBe('taken');
  });

  test.each(['old.example', 'other.example'])(
    'is neither known to be taken nor refused where it is of %s',
    (domain) => {
      expect(judged(domain, scene)).toMatch(/^unknown: .*which others ztunnel takes is not followed/);
    },
  );
});

describe('a stranger of the mesh', () => {
  test('has the trust domain of the server, and that is not known where the mesh configuration is not', () => {
    const stranger = (scene: Scene) => {
      const world = worldOf(scene);
      return strangersTo(podEnd(world, 'shop', 'server'), world);
    };
    const spiffe = (domain: string, account: string) => `spiffe://${domain}/ns/meshwise-stranger/sa/${account}`;
    expect(stranger({})).toEqual(
      known([
        { from: 'any namespace', identity: spiffe('new.example', 'stranger') },
        { from: 'account default of any namespace', identity: spiffe('new.example', 'default') },
        { from: 'any namespace of trust domain old.example', identity: spiffe('old.example', 'stranger') },
        { from: 'any namespace of trust domain older.example', identity: spiffe('older.example', 'stranger') },
      ]),
    );
    expect(stranger({ mesh: ambientMesh({ mesh: CONFIG }), server: ambientPod(SERVER) })).toEqual(stranger({}));
    const mesh = controlPlane().filter(({ kind }) => kind !== 'ConfigMap');
    const coverage = [{ kind: KIND.configMap, state: 'forbidden', objects: 0 }] as const;
    expect(stranger({ mesh, coverage }).known).toBe(false);
  });
});
