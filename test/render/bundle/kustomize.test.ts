import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTree } from '../../../src/adapters/files/write-tree.ts';
import { parseYaml } from '../../../src/adapters/yaml/read.ts';
import type { Step } from '../../../src/domain/world/step.ts';
import { renderBundle } from '../../../src/render/bundle/render-bundle.ts';
import { plan, tools } from './sample-plan.ts';

const hasKubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0;
const inCi = (process.env['CI'] ?? '') !== '';

// In CI kubectl must be there: a run that skips this would prove nothing.
describe.skipIf(!hasKubectl && !inCi)('kubectl kustomize of the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-bundle-'));
  const files = renderBundle(plan, tools);
  const folders = [...files.keys()]
    .filter((path) => path.endsWith('/kustomization.yaml'))
    .map((path) => path.slice(0, path.lastIndexOf('/')));

  beforeAll(() => {
    writeTree(join(folder, 'rollout'), files);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function built(path: string): readonly string[] {
    const output = execFileSync('kubectl', ['kustomize', join(folder, 'rollout', path)], { encoding: 'utf8' });
    return output.split(/^---$/m).map((text) => canonical(parseYaml(text)));
  }

  it('builds every kustomization that was written', () => {
    expect(folders).toHaveLength(5);
    for (const path of folders) expect(built(path).length, path).toBeGreaterThan(0);
  });

  it('yields for each stage exactly the manifests that plan.json applies', () => {
    for (const stage of plan.stages) {
      const path = folders.find((each) => each.startsWith(`${String(stage.number).padStart(3, '0')}-`));
      const expected = stage.state === 'ready' ? applied(stage.steps) : [];
      expect(existsSync(join(folder, 'rollout', path ?? 'none', 'kustomization.yaml'))).toBe(expected.length > 0);
      if (path !== undefined) expect([...built(path)].sort()).toEqual([...expected].sort());
    }
  });
});

function applied(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.step === 'apply' ? [canonical(step.manifest)] : []));
}

/** The value as text that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
