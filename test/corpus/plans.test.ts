import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makePlan } from '../../src/app/make-plan.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { NO_CHOICES, type CoexistingMesh } from '../../src/domain/rollout/choices.ts';
import type { RolloutPlan, Stage } from '../../src/domain/rollout/plan.ts';
import { stableJson } from '../support/stable-json.ts';
import { openFiles } from '../support/open-files.ts';
import { wireBundle, wireIdentity } from '../../src/wiring-bundle.ts';

interface Expectation {
  readonly title: string;
  readonly path: string;
  readonly enrolled: number;
  /** Another mesh of which the files hold objects, and beside which the plan goes on. */
  readonly coexist?: CoexistingMesh;
}

const corpus = process.env['MESHWISE_CORPUS'];
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const fromCorpus = JSON.parse(readFileSync(new URL('./plans.json', import.meta.url), 'utf8')) as readonly Expectation[];
const written: ReadonlySet<string> = new Set(['ready', 'waived']);

describe.skipIf(corpus === undefined).each(fromCorpus)('the rollout of $title', (expected) => {
  checkPlan(() => ({ filename: [join(corpus ?? '', expected.path)] }), expected);
});

describe('the rollout of the demo cluster', () => {
  checkPlan(() => ({ demo: true }), { enrolled: 13 });
});

function checkPlan(
  flags: () => Parameters<typeof openFiles>[0],
  { enrolled, coexist }: Pick<Expectation, 'enrolled' | 'coexist'>,
): void {
  let root: string;
  let plan: RolloutPlan;
  let opened: Awaited<ReturnType<typeof openFiles>>;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meshwise-plan-'));
    opened = await openFiles(flags());
    const wishes = {
      target: 'istio-sidecar',
      goal: 'deny-by-default',
      acceptEvidence: 'inferred',
      minWindowSeconds: undefined,
      namespaces: [],
      meshVersion: undefined,
      choices: { ...NO_CHOICES, coexist: coexist === undefined ? [] : [{ mesh: coexist, reason: 'it is left' }] },
    } as const;
    plan = makePlan(opened, wishes, await wireIdentity(opened, 'test'));
    (await wireBundle(join(root, 'bundle')))(plan);
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('enrols the workloads and reaches the last stage somewhere', () => {
    const patched = plan.stages.filter(isWritten).flatMap(({ steps }) => steps.filter(({ step }) => step === 'patch'));
    expect(patched.length).toBeGreaterThanOrEqual(enrolled);
    expect(plan.stages.some((stage) => stage.kind === 'deny' && isWritten(stage))).toBe(true);
  });

  it('breaks no call in any stage that is written out', () => {
    const stages = plan.stages.filter(isWritten).filter(({ steps }) => steps.length > 0);
    expect(runSimulation(opened, stages).answer.is).toBe('yes');
  });

  it.skipIf(!hasKubectl)('has stage folders that build to exactly the objects of the plan', () => {
    for (const stage of plan.stages) {
      const folder = join(root, 'bundle', `${String(stage.number).padStart(3, '0')}-${stage.id}`);
      const objects = isWritten(stage)
        ? stage.steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []))
        : [];
      expect([stage.id, existsSync(join(folder, 'kustomization.yaml'))]).toEqual([stage.id, objects.length > 0]);
      if (objects.length > 0) expect([stage.id, built(folder)]).toEqual([stage.id, objects.map(stableJson).sort()]);
    }
  });
}

function isWritten({ state }: Stage): boolean {
  return written.has(state);
}

function built(folder: string): readonly string[] {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return parseAllDocuments(text)
    .map((document): string => stableJson(document.toJSON()))
    .sort();
}
