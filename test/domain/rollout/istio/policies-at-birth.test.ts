import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import type { KubeObject } from '../../../../src/domain/kubernetes/object.ts';
import { policiesAtBirth } from '../../../../src/domain/rollout/istio/policies-at-birth.ts';
import type { CoverageEntry } from '../../../../src/domain/world/coverage.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { ambientMesh, ambientPod, completeWorld, controlPlane } from '../../../cases-runner/case-world.ts';
import { onTrack, policy, SERVER_POD, serverIn, serverPod, serverWith } from '../../../support/pods-that-differ.ts';

const FROM_WEB = { rules: [{ from: [{ source: { principals: ['cluster.local/ns/web/sa/front'] } }] }] };
const PORT_9090 = { action: 'DENY', rules: [{ to: [{ operation: { ports: ['9090'] } }] }] };
const ASK_OTHERS = { action: 'CUSTOM', provider: { name: 'opa' }, rules: [{}] };
const TRACKS = ['a', 'b', 'next'] as const;

function authorization(name: string, spec: JsonObject): KubeObject {
  return policy('AuthorizationPolicy', name, spec);
}

/** Those that admit everybody to the pods of each track. */
function openOn(tracks: readonly string[]): readonly KubeObject[] {
  return tracks.map((track) => authorization(`open-${track}`, { ...onTrack(track), rules: [{}] }));
}

function ambientServerPod(track: string): KubeObject {
  return ambientPod({ ...SERVER_POD, name: track, labels: { ...SERVER_POD.labels, track } });
}

type Mesh = readonly [string, readonly KubeObject[]];

const SIDECARS: Mesh = ['sidecars', [...controlPlane(), ...serverWith(['a', 'b'].map((track) => serverPod(track)))]];
const AMBIENT: Mesh = ['ztunnel', [...ambientMesh(), ...serverWith(['a', 'b'].map(ambientServerPod))]];

function refusing(
  [, server]: Mesh,
  policies: readonly KubeObject[],
  entries: readonly CoverageEntry[] = [],
): readonly string[] {
  const world = completeWorld([...server, ...policies], entries);
  return policiesAtBirth(world, serverIn(world));
}

describe.each([[SIDECARS], [AMBIENT]])('before pods with %s', (mesh) => {
  const theirs = authorization('theirs', FROM_WEB);

  test('an ALLOW refuses whom it does not name', () => {
    expect(refusing(mesh, [theirs])).toEqual(['AuthorizationPolicy shop/theirs']);
  });

  test.each(TRACKS)('one that admits everybody to some pods leaves it in force for the others: %s', (other) => {
    const open = openOn(TRACKS.filter((track) => track !== other));
    expect(refusing(mesh, [theirs, ...open])).toEqual(['AuthorizationPolicy shop/theirs']);
  });

  test('one that admits everybody to all pods takes its force from it, and none from a DENY', () => {
    const deny = authorization('deny', PORT_9090);
    expect(refusing(mesh, [theirs, ...openOn(TRACKS)])).toEqual([]);
    expect(refusing(mesh, [theirs, deny, ...openOn(TRACKS)])).toEqual(['AuthorizationPolicy shop/deny']);
  });

  test.each<[string, KubeObject]>([
    ['in dry run', { ...theirs, metadata: { ...theirs.metadata, annotations: { 'istio.io/dry-run': 'True' } } }],
    ['that only audits', authorization('audit', { action: 'AUDIT', rules: [{}] })],
    [
      'that is bound to a Service',
      authorization('bound', { targetRefs: [{ kind: 'Service', name: 'x' }], ...FROM_WEB }),
    ],
  ])('one %s refuses nobody', (_, harmless) => {
    expect(refusing(mesh, [harmless])).toEqual([]);
  });

  test('one whose rule cannot be read does not pass for one that admits everybody', () => {
    const odd = authorization('odd', { rules: [{ from: 'everybody' }] });
    expect(refusing(mesh, [odd])).toEqual(['AuthorizationPolicy shop/odd']);
  });

  test('policies that could not be read may be among them', () => {
    const unread = { kind: KIND.authorizationPolicy, state: 'forbidden', objects: 0 } as const;
    expect(refusing(mesh, [], [unread]).join()).toContain('policies of which nobody knows');
  });
});

describe('a policy that asks somebody else', () => {
  const custom = authorization('ask', { ...onTrack('a'), ...ASK_OTHERS });

  test('may refuse callers of a sidecar, and never reaches ztunnel', () => {
    expect(refusing(SIDECARS, [custom])).toEqual(['AuthorizationPolicy shop/ask']);
    expect(refusing(AMBIENT, [custom])).toEqual([]);
  });
});

describe('a DENY that an earlier plan wrote', () => {
  const labels = { 'app.kubernetes.io/managed-by': 'meshwise' };
  const ours = authorization('ours', { ...onTrack('a'), ...PORT_9090 });
  const deny = { ...ours, metadata: { ...ours.metadata, labels } };

  test('refuses at ztunnel nobody whom NetworkPolicies did not refuse before', () => {
    expect(refusing(AMBIENT, [deny])).toEqual([]);
    expect(refusing(SIDECARS, [deny])).toEqual(['AuthorizationPolicy shop/ours']);
  });
});
