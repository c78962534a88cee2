import { describe, expect, test } from 'vitest';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { ANY_NAMESPACE, byIdentity, PLAINTEXT, strangersAt } from '../../../src/domain/simulate/strangers.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { ambientMesh, ambientPod, completeWorld, controlPlane, pod } from '../../cases-runner/case-world.ts';
import {
  onTrack,
  policy,
  SERVER_POD,
  serverIn,
  serverPod,
  serverWith,
  STRICT,
} from '../../support/pods-that-differ.ts';

const DENY = policy('AuthorizationPolicy', 'nobody', {});
const ANYBODY = byIdentity(ANY_NAMESPACE);
const IDENTITIES = [byIdentity('account default of any namespace'), ANYBODY];

function at(world: World) {
  const { names, ...rest } = strangersAt({ workload: serverIn(world), port: 8080 }, world);
  return { names: [...names].sort(), ...rest };
}

describe.each<[string, (policies: readonly KubeObject[]) => World]>([
  ['a sidecar', (more) => completeWorld([...controlPlane(), pod({ ...SERVER_POD, sidecar: true }), ...more])],
  ['ztunnel', (more) => completeWorld([...ambientMesh(), ambientPod(SERVER_POD), ...more])],
])('a port behind %s', (_, worldOf) => {
  test('lets everybody in by default', () => {
    expect(at(worldOf([]))).toEqual({ names: [...IDENTITIES, PLAINTEXT], anyIdentity: false, takesPlaintext: true });
  });

  test('lets in whoever has an identity where it is STRICT', () => {
    expect(at(worldOf([STRICT]))).toEqual({ names: IDENTITIES, anyIdentity: false, takesPlaintext: false });
  });

  test('lets nobody in where it denies by default as well', () => {
    expect(at(worldOf([STRICT, DENY]))).toEqual({ names: [], anyIdentity: false, takesPlaintext: false });
  });
});

test('a port without a mesh lets in any identity, whatever policies say', () => {
  const world = completeWorld([...controlPlane(), pod({ ...SERVER_POD, sidecar: false }), STRICT, DENY]);
  expect(at(world)).toEqual({ names: [ANYBODY, PLAINTEXT], anyIdentity: true, takesPlaintext: true });
});

test('a port of which nobody knows what holds may let plaintext in, but does not surely take it', () => {
  const objects = [...controlPlane(), pod({ ...SERVER_POD, sidecar: true }), STRICT];
  const unread = { kind: KIND.peerAuthentication, state: 'forbidden', objects: 0 } as const;
  expect(at(completeWorld(objects, [unread]))).toEqual({
    names: [...IDENTITIES, PLAINTEXT],
    anyIdentity: false,
    takesPlaintext: false,
  });
});

test.each(['a', 'b', 'next'])('a port lets in whom one cohort of pods lets in: %s', (open) => {
  const guarding = (tracks: readonly string[]): World =>
    completeWorld([
      ...controlPlane(),
      ...serverWith(['a', 'b'].map((track) => serverPod(track))),
      STRICT,
      ...tracks.map((track) => policy('AuthorizationPolicy', track, onTrack(track))),
    ]);
  const all = ['a', 'b', 'next'];
  expect(at(guarding(all)).names).toEqual([]);
  expect(at(guarding(all.filter((track) => track !== open))).names).toEqual(IDENTITIES);
});
