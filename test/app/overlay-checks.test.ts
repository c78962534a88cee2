import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { openFiles } from '../support/open-files.ts';

describe('an overlay', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-overlay-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function opened(...manifests: readonly (readonly [apiVersion: string, kind: string, metadata: string])[]) {
    const file = join(folder, 'overlay.yaml');
    writeFileSync(
      file,
      manifests
        .map(([version, kind, meta]) => `apiVersion: ${version}\nkind: ${kind}\nmetadata: {${meta}}\n`)
        .join('---\n'),
    );
    return await openFiles({ demo: true, overlay: [file] });
  }

  test.each([
    ['security.istio.io/v1', 'PeerAuthentification', 'security.istio.io/PeerAuthentication'],
    ['networking.istio.io/v1', 'PeerAuthentication', 'security.istio.io/PeerAuthentication'],
    ['policy.linkerd.io/v1beta3', 'Servers', 'policy.linkerd.io/Server'],
    ['networking.k8s.io/v1', 'NetworkPolcy', 'networking.k8s.io/NetworkPolicy'],
    ['cilium.io/v2', 'CiliumNetworkPolicies', 'cilium.io/CiliumNetworkPolicy'],
  ])('of the misspelt kind %s %s is refused with the one that may be meant', async (version, kind, meant) => {
    const refused = opened([version, kind, 'name: a, namespace: shop-parcel']);
    await expect(refused).rejects.toMatchObject({
      code: 'overlay-unknown-kind',
      exitStatus: 2,
      hints: [expect.stringContaining(meant)],
    });
  });

  test('of a kind that is served and says nothing of calls is taken', async () => {
    await expect(
      opened(
        ['gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', 'name: a, namespace: shop-parcel'],
        ['cilium.io/v2alpha1', 'CiliumNodeConfig', 'name: a, namespace: shop-parcel'],
      ),
    ).resolves.toBeDefined();
  });

  test('in a namespace that is not there is refused, unless it is brought', async () => {
    const policy = ['security.istio.io/v1', 'PeerAuthentication', 'name: a, namespace: shop-parcl'] as const;
    await expect(opened(policy)).rejects.toMatchObject({ code: 'overlay-unknown-namespace', exitStatus: 2 });
    await expect(opened(policy, ['v1', 'Namespace', 'name: shop-parcl'])).resolves.toBeDefined();
  });

  test('that changes no object says so, and one that changes an object does not', async () => {
    const same = await opened(['v1', 'Namespace', 'name: brand-new']);
    expect(runSimulation(same, []).warnings.join()).not.toContain('changes nothing');
    const { base, headFor } = same;
    expect(headFor('x').warnings).toEqual([]);
    const [first] = base.list('Namespace').objects;
    if (first === undefined) throw new Error('the demo has no Namespace');
    const file = join(folder, 'idle.json');
    const { origin: _origin, status: _status, ...manifest } = first;
    writeFileSync(file, JSON.stringify(manifest));
    const idle = await openFiles({ demo: true, overlay: [file] });
    expect(runSimulation(idle, []).warnings.join()).toContain('an overlay changes nothing: Namespace');
  });
});
