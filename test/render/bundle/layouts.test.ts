import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/adapters/yaml/read.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { asList, at } from '../../../src/lib/json.ts';
import type { BundleLayout } from '../../../src/render/bundle/layout.ts';
import { renderBundle } from './whole-bundle.ts';
import { stageChanges } from '../../../src/render/bundle/stage-changes.ts';
import { peerAuthentication, plan, stage, tools } from './sample-plan.ts';

const argocd: BundleLayout = { layout: 'argocd', repoPath: 'rollout', repoUrl: 'https://git.example.com/a.git' };
const flux: BundleLayout = { layout: 'flux', repoPath: 'rollout' };

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } };
const HOME = 'live/enrol-shop-1f3a/peerauthentication_security.istio.io_shop_default.yaml';

function below(files: ReadonlyMap<string, string | undefined>, folder: string): readonly string[] {
  return [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
}

interface Given {
  readonly layout?: BundleLayout;
  readonly of?: RolloutPlan;
}

function changes(id: string, before: readonly string[], { layout = argocd, of = plan }: Given = {}) {
  const found = of.stages.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no stage ${id}`);
  return stageChanges({ plan: of, tools, layout }, found, before);
}

describe.each([
  ['argocd', argocd, 'argoproj.io/v1alpha1'],
  ['flux', flux, 'kustomize.toolkit.fluxcd.io/v1'],
] as const)('the layout for %s', (folder, layout, apiVersion) => {
  const files = renderBundle(plan, tools, layout);

  it('creates no object of any stage when all of it is applied at once', () => {
    for (const path of below(files, folder))
      expect(at(parseYaml(files.get(path) ?? ''), 'apiVersion')).toBe(apiVersion);
    expect(below(files, 'live').length).toBeGreaterThan(0);
    for (const path of below(files, 'live')) {
      expect(path).toMatch(/\/kustomization\.yaml$/);
      expect(at(parseYaml(files.get(path) ?? ''), 'resources')).toEqual([]);
    }
  });

  it('has one object for each stage that creates something, and none for blocked, outlined or finished ones', () => {
    expect(below(files, folder)).toContain(`${folder}/enrol-shop-1f3a.yaml`);
    for (const id of ['strict-pay', 'deny-pay', 'trust']) expect(below(files, folder).join(' ')).not.toContain(id);
  });

  it('is YAML throughout', () => {
    for (const [path, text] of files) if (path.endsWith('.yaml')) expect(parseYaml(text), path).toBeTypeOf('object');
  });
});

describe('an Application of Argo CD', () => {
  const text = renderBundle(plan, tools, argocd).get('argocd/enrol-shop-1f3a.yaml') ?? '';
  it('never syncs by itself, waits in no wave, and points at the home of its stage', () => {
    const application = parseYaml(text);
    expect(at(application, 'spec', 'syncPolicy', 'automated')).toBeUndefined();
    expect(text).not.toContain('sync-wave');
    expect(at(application, 'spec', 'source')).toEqual({
      repoURL: 'https://git.example.com/a.git',
      targetRevision: 'HEAD',
      path: 'rollout/live/enrol-shop-1f3a',
    });
  });

  it('reaches no repository where nobody said which', () => {
    const unset = renderBundle(plan, tools, { layout: 'argocd', repoPath: 'rollout' });
    expect(unset.get('argocd/enrol-shop-1f3a.yaml')).toContain('.invalid/');
  });
});

describe('a Kustomization of Flux', () => {
  it('is suspended in the bundle and awake in the pull request of its stage', () => {
    const path = 'flux/enrol-shop-1f3a.yaml';
    expect(at(parseYaml(renderBundle(plan, tools, flux).get(path) ?? ''), 'spec')).toMatchObject({
      suspend: true,
      prune: true,
      wait: true,
    });
    expect(at(parseYaml(changes('enrol-shop-1f3a', [], { layout: flux }).get(path) ?? ''), 'spec', 'suspend')).toBe(
      false,
    );
  });
});

describe('what the pull request of a stage changes with a GitOps layout', () => {
  it('puts a new object into the home of its stage, and no second copy into the folder of the stage', () => {
    const made = changes('enrol-shop-1f3a', []);
    expect(made.get(HOME)).toContain('mode: PERMISSIVE');
    expect(asList(at(parseYaml(made.get('live/enrol-shop-1f3a/kustomization.yaml') ?? ''), 'resources'))).toEqual([
      HOME.split('/').at(-1),
    ]);
    expect(below(made, '100-enrol-shop-1f3a')).toEqual([
      '100-enrol-shop-1f3a/README.md',
      '100-enrol-shop-1f3a/gate.yaml',
      '100-enrol-shop-1f3a/patches/deployment-shop-cart.yaml',
    ]);
  });

  it('edits an object in the file that it was born in', () => {
    const made = changes('strict-shop', [HOME]);
    expect(made.get(HOME)).toContain('mode: STRICT');
    expect(below(made, 'live').filter((path) => path.includes('strict-shop'))).toEqual([]);
  });

  it('finds an object where an earlier plan has put it, whatever stage this plan has it created in', () => {
    const older = HOME.replace('enrol-shop-1f3a', 'enrol-shop-old');
    expect(changes('strict-shop', [older]).get(older)).toContain('mode: STRICT');
    expect(changes('strict-shop', [older]).has(HOME)).toBe(false);
  });

  it('takes the file of a deleted object away and leaves an empty home that prunes it', () => {
    const drop = stage({
      ...{ id: 'drop', number: 150, kind: 'deny', state: 'ready' },
      steps: [
        {
          step: 'delete',
          target: { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'default' },
        },
      ],
    });
    const made = changes('drop', [HOME], { of: { ...plan, stages: [...plan.stages, drop] } });
    expect(made.has(HOME)).toBe(true);
    expect(made.get(HOME)).toBeUndefined();
    expect(at(parseYaml(made.get('live/enrol-shop-1f3a/kustomization.yaml') ?? ''), 'resources')).toEqual([]);
  });

  it.each([argocd, flux])('compares what is applied by hand by its files', (layout) => {
    const step = { step: 'apply', manifest: NAMESPACE } as const;
    const only = {
      ...plan,
      stages: [stage({ id: 'made', number: 20, kind: 'scoping', state: 'ready', steps: [step] })],
    };
    const files = changes('made', [], { layout, of: only });
    const folder = [...files.keys()].find((path) => path.endsWith('-made/README.md'))?.replace('/README.md', '') ?? '';
    const page = files.get(`${folder}/README.md`) ?? '';
    const named = /kubectl diff --server-side -f (\S+\.yaml)/.exec(page)?.[1] ?? '';
    expect(below(files, folder)).toContain(`${folder}/${named}`);
    expect(page).not.toContain('-k .');
  });

  it('never lets a controller prune a namespace', () => {
    const mixed = stage({
      ...{ id: 'mixed', number: 150, kind: 'enrol', state: 'ready' },
      steps: [
        { step: 'apply', manifest: NAMESPACE },
        { step: 'apply', manifest: peerAuthentication('new', 'PERMISSIVE') },
      ],
    });
    const made = changes('mixed', [], { of: { ...plan, stages: [mixed] } });
    expect(below(made, 'live').join(' ')).not.toContain('namespace_');
    expect([...made.keys()]).toContain('150-mixed/namespace-new.yaml');
    expect(made.get('150-mixed/README.md')).toContain('kubectl apply --server-side -f namespace-new.yaml');
  });
});
