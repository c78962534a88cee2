import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { openingsBetween } from '../../../src/domain/simulate/openings.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { ambientMesh, ambientPod, completeWorld, controlPlane, pod } from '../../cases-runner/case-world.ts';
import { onTrack, policy, SERVER_POD, serverPod, serverWith, STRICT } from '../../support/pods-that-differ.ts';

const MESH = { mesh: { trustDomain: 'new.example', trustDomainAliases: ['old.example'] } };

/** An ALLOW policy with a rule for each of the sources; with none it allows nobody. */
function allow(...sources: readonly JsonObject[]): KubeObject {
  const rules = sources.map((source) => ({ from: [{ source }] }));
  return policy('AuthorizationPolicy', 'allow', { rules });
}

const PLAIN = 'shop/Pod/server port 8080: plaintext from any pod';
const MTLS = 'shop/Pod/server port 8080: mutual TLS from any namespace';
const DEFAULT = 'shop/Pod/server port 8080: mutual TLS from account default of any namespace';
const ALIAS = 'shop/Pod/server port 8080: mutual TLS from any namespace of trust domain old.example';

describe.each<[string, (policies: readonly KubeObject[]) => World]>([
  ['a sidecar', (more) => completeWorld([...controlPlane(MESH), pod({ ...SERVER_POD, sidecar: true }), ...more])],
  ['ztunnel', (more) => completeWorld([...ambientMesh(MESH), ambientPod(SERVER_POD), ...more])],
])('in a mesh of another trust domain, before a pod with %s', (_what, worldOf) => {
  const shut = worldOf([STRICT, allow()]);

  test.each<[string, JsonObject, readonly string[]]>([
    ['every identity of the trust domain', { principals: ['new.example/*'] }, [MTLS]],
    ['every identity of an alias', { principals: ['old.example/*'] }, [ALIAS]],
    ['every identity', { principals: ['*'] }, [MTLS, ALIAS]],
    ['every namespace', { namespaces: ['*'] }, [MTLS, ALIAS]],
    ['all namespaces but one', { notNamespaces: ['other'] }, [MTLS, ALIAS]],
    ['the account that pods have of themselves', { principals: ['*/sa/default'] }, [DEFAULT]],
    ['one identity', { principals: ['new.example/ns/web/sa/front'] }, []],
    ['the identities of a trust domain that is not the mesh', { principals: ['cluster.local/*'] }, []],
    ['one namespace', { namespaces: ['web'] }, []],
  ])('a rule for %s opens the port to all that it stands for', (_who, source, opened) => {
    expect(openingsBetween(shut, worldOf([STRICT, allow(source)]))).toEqual(opened);
    expect(openingsBetween(worldOf([STRICT, allow(source)]), shut)).toEqual([]);
  });

  test('PERMISSIVE opens it to plaintext where nothing asks who calls', () => {
    expect(openingsBetween(worldOf([STRICT]), worldOf([]))).toEqual([PLAIN]);
    expect(openingsBetween(shut, worldOf([]))).toEqual([MTLS, ALIAS, PLAIN]);
  });
});

describe('a port that takes plaintext alone', () => {
  const worldOf = (...policies: readonly KubeObject[]): World =>
    completeWorld([...controlPlane(MESH), pod({ ...SERVER_POD, sidecar: true }), ...policies]);
  const disable = policy('PeerAuthentication', 'default', { mtls: { mode: 'DISABLE' } });

  test('is not opened by STRICT where any pod could call it: nobody gets in who was out', () => {
    expect(openingsBetween(worldOf(disable), worldOf(STRICT))).toEqual([]);
  });

  test('is opened by STRICT where a policy asks for identities, which nobody can show without mutual TLS', () => {
    const everybody = allow({ principals: ['*'] });
    expect(openingsBetween(worldOf(disable, everybody), worldOf(STRICT, everybody))).toEqual([MTLS, ALIAS]);
  });
});

describe('a door', () => {
  test('is no opening where what stands there was not known to be shut', () => {
    const before = completeWorld([pod({ ...SERVER_POD, sidecar: true }), STRICT]);
    const after = completeWorld([...controlPlane(MESH), pod({ ...SERVER_POD, sidecar: true })]);
    expect(openingsBetween(before, after)).toEqual([]);
  });

  test.each(['a', 'b', 'next'])(
    'is open where one of several pods is, and was shut only where all were: %s',
    (open) => {
      const guarding = (tracks: readonly string[]): World =>
        completeWorld([
          ...controlPlane(),
          ...serverWith(['a', 'b'].map((track) => serverPod(track))),
          STRICT,
          ...tracks.map((track) => policy('AuthorizationPolicy', track, onTrack(track))),
        ]);
      const all = guarding(['a', 'b', 'next']);
      const opened = ['shop/Deployment/server port 8080: mutual TLS from any namespace'];
      expect(openingsBetween(all, guarding(['a', 'b', 'next'].filter((name) => name !== open)))).toEqual(opened);
      expect(openingsBetween(guarding([open]), guarding([]))).toEqual([]);
    },
  );
});
