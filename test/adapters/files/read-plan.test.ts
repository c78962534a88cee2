import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPlan } from '../../../src/adapters/files/read-plan.ts';

const MANIFEST = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'default', namespace: 'shop' },
  spec: { mtls: { mode: 'STRICT' } },
};
const STRICT = { id: 'strict-shop', title: 'STRICT', state: 'ready', steps: [{ step: 'apply', manifest: MANIFEST }] };
const PATCH = {
  step: 'patch',
  target: { kind: 'apps/Deployment', namespace: 'shop', name: 'cart' },
  patch: { spec: { replicas: 1 } },
  why: 'a test',
};

describe('a written plan', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-plan-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function writePlan(stages: readonly object[], more: object = {}): string {
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', stages, ...more }));
    return path;
  }

  function writeStage(manifest: object, kustomization: object = {}, patch?: object): void {
    const stage = join(folder, '300-strict-shop');
    mkdirSync(join(stage, 'patches'), { recursive: true });
    writeFileSync(join(stage, 'kustomization.yaml'), JSON.stringify({ resources: ['pa.yaml'], ...kustomization }));
    writeFileSync(join(stage, 'pa.yaml'), `# comment\n${JSON.stringify(manifest)}\n`);
    if (patch !== undefined) writeFileSync(join(stage, 'patches', 'cart.yaml'), JSON.stringify(patch));
  }

  test.each([
    ['a state that is none', [{ ...STRICT, state: 'nonsense' }]],
    ['a state that is missing', [{ id: 'a', steps: [] }]],
    ['no steps', [{ ...STRICT, steps: undefined }]],
    ['steps that are no list', [{ ...STRICT, steps: 'x' }]],
    ['a spec that is no object', [{ ...STRICT, steps: [{ step: 'apply', manifest: { ...MANIFEST, spec: 7 } }] }]],
    ['a kind that is no text', [{ ...STRICT, steps: [{ step: 'apply', manifest: { ...MANIFEST, kind: 5 } }] }]],
    ['a patch that is no object', [{ ...STRICT, steps: [{ ...PATCH, patch: 'x' }] }]],
    ['two stages of one id', [STRICT, STRICT]],
    ['no stages', []],
  ])('is refused with %s', (_title, stages) => {
    const path = writePlan(stages);
    expect(() => readPlan(path)).toThrow(expect.objectContaining({ code: 'not-a-plan', exitStatus: 2 }));
  });

  test('is refused where stages were cut off', () => {
    const path = writePlan([STRICT], { summary: { ready: 2, waived: 0, outline: 0, blocked: 0, done: 0 } });
    expect(() => readPlan(path)).toThrow(/its summary counts 2/);
  });

  test('is read where its manifests say what it does, in whatever order', () => {
    writePlan([{ ...STRICT, steps: [...STRICT.steps, PATCH] }]);
    const { spec, ...rest } = MANIFEST;
    const named = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'shop', name: 'cart' } };
    writeStage({ spec, ...rest }, {}, { ...named, spec: { replicas: 1 } });
    expect(readPlan(folder).map(({ id }) => id)).toEqual(['strict-shop']);
  });

  test('is refused where a folder is missing, and one that nobody applies is not missed', () => {
    writePlan([STRICT]);
    expect(() => readPlan(folder)).toThrow(/the folder of stage strict-shop is missing/);
    writePlan([{ ...STRICT, state: 'blocked' }]);
    expect(readPlan(folder)).toHaveLength(1);
  });

  test.each([
    { what: 'another content', manifest: { ...MANIFEST, spec: {} }, message: /pa\.yaml differs/ },
    { what: 'fewer manifests', kustomization: { resources: [] }, message: /kustomization\.yaml names fewer/ },
    { what: 'more', kustomization: { resources: ['pa.yaml', 'pa.yaml'] }, message: /pa\.yaml differs/ },
    { what: 'a file elsewhere', kustomization: { resources: ['../x.yaml'] }, message: /no file beside it/ },
    { what: 'a file that is not there', kustomization: { resources: ['x.yaml'] }, message: /x\.yaml cannot be read/ },
    { what: 'patches of its own', kustomization: { patches: [] }, message: /has the field patches/ },
  ])('is refused where the folder has $what', ({ manifest = MANIFEST, kustomization = {}, message }) => {
    writePlan([STRICT]);
    writeStage(manifest, kustomization);
    expect(() => readPlan(folder)).toThrow(message);
    expect(() => readPlan(folder)).toThrow(expect.objectContaining({ code: 'plan-differs', exitStatus: 2 }));
  });

  test('is refused where a patch file says something else', () => {
    writePlan([{ ...STRICT, steps: [...STRICT.steps, PATCH] }]);
    writeStage(MANIFEST, {}, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart' } });
    expect(() => readPlan(folder)).toThrow(/cart\.yaml differs/);
  });
});
