import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/adapters/yaml/read.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { at } from '../../../src/lib/json.ts';
import { renderBundle } from './whole-bundle.ts';
import { HOSTILE, peerAuthentication, plan, stage, tools } from './sample-plan.ts';

const files = renderBundle(plan, tools);
const paths = [...files.keys()];
const hostileStage = plan.stages.find(({ number }) => number === 120)?.id ?? '';

function content(path: string, from: ReadonlyMap<string, string> = files): string {
  const text = from.get(path);
  if (text === undefined) throw new Error(`no file ${path} among ${[...from.keys()].join(' ')}`);
  return text;
}

function below(folder: string): readonly string[] {
  return paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
}

function withStage(changed: Stage): RolloutPlan {
  return { ...plan, stages: [changed] };
}

describe('the files of a rollout bundle', () => {
  it('has a page and a kustomization for a stage with objects, and patches beside it', () => {
    expect(below('100-enrol-shop-1f3a')).toEqual([
      'README.md',
      'gate.yaml',
      'kustomization.yaml',
      'patches/deployment-shop-cart.yaml',
      'peerauthentication-default.yaml',
    ]);
    expect(parseYaml(content('100-enrol-shop-1f3a/kustomization.yaml'))).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['peerauthentication-default.yaml'],
    });
  });

  it('has no kustomization for a stage without objects, and Helm values under the name that the commands use', () => {
    expect(below('030-control-plane')).toEqual(['README.md', 'gate.yaml', 'istiod.yaml']);
    expect(parseYaml(content('030-control-plane/istiod.yaml'))).toEqual({
      revision: '1-31',
      pilot: { autoscaleMin: 2 },
    });
    expect(content('030-control-plane/README.md')).toContain(
      "helm upgrade --install istiod istio/istiod -f istiod.yaml --set 'a=b c'",
    );
  });

  it('has a file whose name says JSON as JSON, which other programs than kubectl read', () => {
    const values = { title: 'a: "b"', panels: [{ expr: 'up{job=~".*"}' }] };
    const telemetry = stage({
      id: 'telemetry',
      number: 50,
      kind: 'telemetry',
      state: 'ready',
      helmValues: [{ file: 'board.json', values }],
    });
    const written = renderBundle(withStage(telemetry), tools);
    expect(JSON.parse(content('050-telemetry/board.json', written))).toEqual(values);
    expect([...written.keys()]).not.toContain('050-telemetry/kustomization.yaml');
  });

  it('keeps a blocked stage in draft, an outline and a finished stage without any YAML, and none of them has a rollback', () => {
    expect(below('130-strict-pay')).toEqual(['README.md', 'draft/peerauthentication-default.yaml', 'gate.yaml']);
    expect(below('140-deny-pay')).toEqual(['README.md']);
    expect(below('020-trust')).toEqual(['README.md']);
    expect(paths.filter((path) => /^rollback\/(?:strict-pay|deny-pay|trust)\//.test(path))).toEqual([]);
  });

  it('prints no command to apply for a stage that may not be applied', () => {
    for (const folder of ['130-strict-pay', '140-deny-pay', '020-trust']) {
      expect(content(`${folder}/README.md`)).not.toMatch(/kubectl (?:apply|patch|diff)/);
    }
  });

  it('gives numbers of all stages the same length, so that folders sort as stages do', () => {
    const wide = renderBundle(
      { ...plan, stages: [...plan.stages, stage({ id: 'late', number: 1200, kind: 'operate', state: 'ready' })] },
      tools,
    );
    expect([...wide.keys()]).toContain('0100-enrol-shop-1f3a/README.md');
    expect([...wide.keys()]).toContain('1200-late/README.md');
  });

  it('refuses two manifests for one object in one stage', () => {
    const manifest = peerAuthentication('shop', 'STRICT');
    const twice = stage({
      ...{ id: 'twice', number: 100, kind: 'strict', state: 'ready' },
      steps: [
        { step: 'apply', manifest },
        { step: 'apply', manifest: peerAuthentication('shop', 'PERMISSIVE') },
      ],
    });
    expect(() => renderBundle(withStage(twice), tools)).toThrow(/twice/);
  });

  it('has the whole plan in plan.json', () => {
    expect(JSON.parse(content('plan.json'))).toEqual({
      apiVersion: 'meshwise.dev/v1alpha1',
      kind: 'RolloutPlan',
      ...(JSON.parse(JSON.stringify(plan)) as object),
    });
  });

  it('writes the gate as data that kubectl refuses', () => {
    const gate = parseYaml(content('100-enrol-shop-1f3a/gate.yaml'));
    expect(at(gate, 'metadata')).toBeUndefined();
    expect(at(gate, 'entry')).toEqual(plan.stages[2]?.entryGate);
    expect(at(gate, 'exit')).toEqual(plan.stages[2]?.exitGate);
  });
});

describe('patches for objects that others own', () => {
  it('name the object, hold only the changed fields, and say what to add to the kustomization', () => {
    const patch = content('100-enrol-shop-1f3a/patches/deployment-shop-cart.yaml');
    expect(parseYaml(patch)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: { template: { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } } } },
    });
    expect(patch).toContain('#     - path: deployment-shop-cart.yaml');
  });

  it('come with a command for those without a repository', () => {
    expect(content('100-enrol-shop-1f3a/README.md')).toContain(
      `kubectl patch deployment.apps/cart -n shop --type strategic --patch '{"spec":{"template":`,
    );
  });

  it('roll a Deployment by themselves, so that nobody is told to restart it a second time', () => {
    const readme = content('100-enrol-shop-1f3a/README.md');
    expect(readme).toContain('kubectl rollout status deployment/cart -n shop');
    expect(readme).not.toContain('kubectl rollout restart deployment/cart');
  });

  it('stand one by one with the restart of their workload, in the order of the steps', () => {
    const target = (name: string) => ({ kind: 'apps/Deployment', namespace: 'shop', name });
    const steps = ['a', 'b'].flatMap((name) => [
      { step: 'patch' as const, target: target(name), patch: { spec: { template: { metadata: {} } } }, why: 'new' },
      { step: 'restart' as const, workload: target(name), method: 'rollout-restart' as const },
    ]);
    const wave = stage({ ...{ id: 'wave', number: 100, kind: 'enrol', state: 'ready' }, steps });
    const commands = content('100-wave/README.md', renderBundle(withStage(wave), tools)).match(
      /^kubectl \S+ .*\/[ab]/gm,
    );
    expect(commands).toEqual([
      'kubectl patch deployment.apps/a',
      'kubectl rollout status deployment/a',
      'kubectl patch deployment.apps/b',
      'kubectl rollout status deployment/b',
    ]);
  });

  it('are no file where the version of the kind would be a guess, but still a command', () => {
    const target = { kind: 'example.com/Widget', namespace: 'shop', name: 'w' };
    const odd = stage({
      ...{ id: 'odd', number: 100, kind: 'enrol', state: 'ready' },
      steps: [{ step: 'patch', target, patch: { spec: { a: 1 } }, why: 'a is needed' }],
    });
    const bundle = renderBundle(withStage(odd), tools);
    expect([...bundle.keys()].filter((path) => path.includes('patches/'))).toEqual([]);
    expect(content('100-odd/README.md', bundle)).toContain(
      `kubectl patch widget.example.com/w -n shop --type merge --patch '{"spec":{"a":1}}'`,
    );
  });
});

describe('rollback folders', () => {
  it('delete what was created by the least manifest, and keep patches for the owner', () => {
    expect(below('rollback/enrol-shop-1f3a')).toEqual([
      'README.md',
      'apply.sh',
      'delete/kustomization.yaml',
      'delete/peerauthentication-default.yaml',
      'patches/deployment-shop-cart.yaml',
      'rollback.yaml',
    ]);
    expect(parseYaml(content('rollback/enrol-shop-1f3a/delete/peerauthentication-default.yaml'))).toEqual({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'default', namespace: 'shop' },
    });
    const readme = content('rollback/enrol-shop-1f3a/README.md');
    const order = [
      'kubectl patch deployment.apps/cart',
      'kubectl rollout status',
      'kubectl delete --ignore-not-found -k delete',
    ];
    expect(order.map((command) => readme.indexOf(command))).toEqual(
      order.map((command) => readme.indexOf(command)).sort((left, right) => left - right),
    );
    expect(readme.indexOf(order[0] ?? '')).toBeGreaterThan(0);
  });

  it('set back the fields of an object that the stage applied by the same kind of apply, without nulls', () => {
    expect(below('rollback/strict-shop')).toEqual([
      'README.md',
      'apply.sh',
      'apply/kustomization.yaml',
      'apply/peerauthentication-default.yaml',
      'rollback.yaml',
    ]);
    expect(parseYaml(content('rollback/strict-shop/apply/peerauthentication-default.yaml'))).toEqual(
      peerAuthentication('shop', 'PERMISSIVE'),
    );
  });

  it('never delete a namespace together with other objects, and warn of it', () => {
    const folder = paths.find((path) => path.startsWith('rollback/enrol-%2E') || path.startsWith('rollback/enrol-..'));
    const readme = content(folder ?? '');
    expect(readme).toContain('This deletes everything in it too');
    expect(readme).toContain('kubectl delete namespace/left --ignore-not-found');
    expect(paths.filter((path) => path.includes('delete/namespace'))).toEqual([]);
  });
});

describe('banners', () => {
  it('stand first on blocked and outlined stages and name what is missing', () => {
    expect(content('130-strict-pay/README.md')).toMatch(
      /^> \*\*BLOCKED: do not apply\.\*\*.*\n>\n> - call: nightly calls payments/,
    );
    expect(content('140-deny-pay/README.md')).toMatch(/^> \*\*OUTLINE: [^]*port 8080 was not observed/);
    expect(content('020-trust/README.md')).toMatch(/^> \*\*DONE/);
  });

  it('put the waiver on every page when the plan rests on weaker evidence, and on none otherwise', () => {
    const waived = renderBundle({ ...plan, acceptEvidence: 'inferred' }, tools);
    const pages = [...waived].filter(([path]) => path.endsWith('README.md'));
    expect(pages.length).toBeGreaterThan(8);
    for (const [, text] of pages) expect(text).toContain('--accept-evidence inferred');
    for (const [, text] of pages) expect(text.slice(0, text.indexOf('\n# '))).toContain('**WAIVED:**');
    for (const [path, text] of files) if (path.endsWith('README.md')) expect(text).not.toContain('WAIVED');
  });
});

describe('the plan on a page', () => {
  const readme = content('README.md');

  it('counts stages by state and lists them in order with what blocks them', () => {
    expect(readme).toContain('4 ready, 0 waived, 1 blocked, 1 outline, 1 done');
    expect(readme).toContain(
      '| 130 | [strict-pay](130-strict-pay/README.md) | blocked | The stage strict-pay | 100 | nightly calls payments in plaintext |',
    );
  });

  it('draws what waits for what', () => {
    expect(readme).toContain('  s1["030 control-plane"]:::ready');
    expect(readme).toContain('  s1 --> s2');
  });

  it('has the exceptions with owner and end, what is left out, and what deny-by-default does not cover', () => {
    expect(readme).toContain(
      '| `shop/Deployment/cart` | mtls | 9090 | Prometheus has no sidecar | to be named | 2027-02-01 |',
    );
    expect(readme).toContain('| namespace kube-system | belongs to the cluster |');
    expect(readme).toMatch(/\| Istio sidecar \|.*hostNetwork.*egress/);
    expect(readme).not.toContain('| Linkerd |');
  });
});

describe('hostile names', () => {
  it('never leave their folder, and give each object a file of its own', () => {
    for (const path of paths) {
      expect(path).toMatch(/^[A-Za-z0-9._%~/-]+$/);
      expect(path.split('/')).not.toContain('..');
    }
    const folder = paths.find((path) => path.startsWith('120-'))?.split('/')[0] ?? '';
    expect(below(folder).filter((path) => path.startsWith('peerauthentication'))).toHaveLength(3);
  });

  it('are never markup, never a line of their own and never a terminal code in any file', () => {
    for (const [path, text] of files) {
      expect(text, path).not.toContain('\u001b');
      if (!path.endsWith('.yaml')) expect(text, path).not.toContain('\u202e');
      if (path.endsWith('.md')) {
        expect(text, path).not.toMatch(/^kind: Evil/m);
        expect(text.replace(/(`+)[^`][^]*?\1/g, ''), path).not.toContain('<b>');
      }
    }
  });

  it('cannot close a code block or add a document to YAML', () => {
    for (const [path, text] of files) {
      if (path.endsWith('.yaml')) expect(at(parseYaml(text), 'kind'), path).not.toBe('Evil');
    }
    const gate = parseYaml(content(paths.find((path) => /^120-.*gate\.yaml$/.test(path)) ?? ''));
    expect(at(gate, 'stage')).toBe(hostileStage);
  });

  it('cannot become an option of a command', () => {
    const readme = content(paths.find((path) => /^120-.*README\.md$/.test(path)) ?? '');
    expect(readme).toContain('kubectl patch deployment.apps/--all -n a');
    expect(readme).not.toMatch(/kubectl [^`\n]* --all/);
  });
});

describe('rendering', () => {
  it('gives the same bytes twice, whatever texts a stage holds, and never more or other files for them', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(HOSTILE), fc.string());
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('ready', 'waived', 'outline', 'blocked', 'done'),
        (title, name, state) => {
          const one = stage({
            ...{ id: 'one', number: 100, kind: 'strict', state, title, why: title, notes: [title] },
            steps: [{ step: 'apply', manifest: peerAuthentication('shop', 'STRICT', name) }],
          });
          const first = renderBundle(withStage(one), tools);
          expect([...renderBundle(withStage(structuredClone(one)), tools)]).toEqual([...first]);
          const objects = [...first.keys()].filter((path) => path.includes('peerauthentication-'));
          expect(objects).toHaveLength(state === 'outline' || state === 'done' ? 0 : 1);
          expect(
            content('100-one/README.md', first)
              .split('\n')
              .filter((line) => line.startsWith('# ')),
          ).toHaveLength(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});
