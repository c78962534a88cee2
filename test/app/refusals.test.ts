import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlan } from '../../src/adapters/files/read-plan.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { startKubeApiStub, stubKubeconfig } from '../support/kube-api-stub.ts';
import { openFiles } from '../support/open-files.ts';

describe('what would be a false yes', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-refusals-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused where an overlay cannot be read whole', async () => {
    const overlay = join(folder, 'strict.yaml');
    writeFileSync(overlay, 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a\n');
    writeFileSync(join(folder, 'good.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: good}\n');
    await expect(openFiles({ demo: true, overlay: [folder] })).rejects.toMatchObject({
      code: 'overlay-not-readable',
      exitStatus: 2,
    });
  });

  it('is refused for a namespace of which nothing was read', async () => {
    const opened = await openFiles({ demo: true });
    expect(() => takeInventory(opened, { namespaces: ['shop-srch'] })).toThrow(
      /nothing was read of the namespace shop-srch/,
    );
  });

  it.each([
    ['without stages', { stages: null }],
    ['with a stage that is no object', { stages: [null] }],
    ['of another version', { apiVersion: 'meshwise.dev/v9', stages: [{ id: 'a', steps: [] }] }],
    ['with a step of no known kind', { stages: [{ id: 'a', steps: [{ step: 'run' }] }] }],
  ])('is refused for a plan %s', (_title, part) => {
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...part }));
    expect(() => readPlan(path)).toThrow(/is no rollout plan/);
  });

  it('is refused where nothing of a cluster may be read', async () => {
    const stub = await startKubeApiStub({ resources: [], faults: () => ({ fault: 'status', status: 403 }) });
    const kubeconfig = join(folder, 'config');
    writeFileSync(kubeconfig, stubKubeconfig(stub.url));
    try {
      await expect(openFiles({ kubeconfig, qps: 0 })).rejects.toMatchObject({ exitStatus: 3 });
    } finally {
      await stub.close();
    }
  });
});
