import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTree } from '../../../src/adapters/files/write-tree.ts';
import { parseYaml } from '../../../src/adapters/yaml/read.ts';
import type { Manifest, Step } from '../../../src/domain/world/step.ts';
import { at } from '../../../src/lib/json.ts';
import type { BundleLayout } from '../../../src/render/bundle/layout.ts';
import { renderBundle } from './whole-bundle.ts';
import { stageChanges } from '../../../src/render/bundle/stage-changes.ts';
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

const LAYOUTS: readonly BundleLayout[] = [
  { layout: 'argocd', repoPath: 'rollout', repoUrl: 'https://git.example.com/a.git' },
  { layout: 'flux', repoPath: 'rollout' },
];

describe.skipIf(!hasKubectl && !inCi).each(LAYOUTS)(
  'kubectl kustomize of live/ with the layout for $layout',
  (layout) => {
    const root = mkdtempSync(join(tmpdir(), 'meshwise-live-'));
    const context = { plan, tools, layout };
    const bundle = renderBundle(plan, tools, layout);
    const homes = [...bundle.keys()]
      .filter((path) => path.startsWith('live/') && path.endsWith('/kustomization.yaml'))
      .map((path) => path.slice(0, path.lastIndexOf('/')));

    afterAll(() => {
      rmSync(root, { recursive: true, force: true });
    });

    /** What all homes build to together, with these files. */
    function built(files: ReadonlyMap<string, string>, name: string): readonly string[] {
      writeTree(join(root, name), files);
      return homes.flatMap((home) =>
        execFileSync('kubectl', ['kustomize', join(root, name, home)], { encoding: 'utf8' })
          .split(/^---$/m)
          .filter((text) => text.trim() !== '')
          .map((text) => canonical(parseYaml(text))),
      );
    }

    it('builds to nothing before the first stage is merged', () => {
      expect(homes.length).toBeGreaterThan(0);
      expect(built(bundle, 'empty')).toEqual([]);
    });

    it('builds, after each stage is merged, to exactly what the stages up to it leave behind', () => {
      const files = new Map(bundle);
      const objects = new Map<string, string>();
      for (const stage of plan.stages.filter(({ state }) => state === 'ready')) {
        for (const [path, text] of stageChanges(context, stage, [...files.keys()])) {
          if (text === undefined) files.delete(path);
          else files.set(path, text);
        }
        for (const step of stage.steps) {
          if (step.step === 'apply') objects.set(nameOf(step.manifest), canonical(step.manifest));
        }
        expect([...built(files, stage.id)].sort(), stage.id).toEqual([...objects.values()].sort());
      }
      expect(objects.size).toBeGreaterThan(0);
    });

    it('has an object of the controller that points at each home, and nothing else beside it', () => {
      const controllers = [...bundle.keys()].filter((path) => path.startsWith(`${layout.layout}/`));
      const pointed = controllers.map((path) => {
        const document = parseYaml(bundle.get(path) ?? '');
        return at(document, 'spec', 'path') ?? at(document, 'spec', 'source', 'path');
      });
      expect(pointed.map((path) => String(path).replace(/^\.\//, '')).sort()).toEqual(
        homes.map((home) => `rollout/${home}`).sort(),
      );
    });
  },
);

function nameOf({ kind, metadata }: Manifest): string {
  return [kind, metadata.namespace, metadata.name].join(' ');
}

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
