import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';

import { snapshotLines, type SnapshotContent } from '../../src/adapters/files/write-snapshot.ts';
import { makePlan } from '../../src/app/make-plan.ts';
import type { OpenedWorld } from '../../src/app/open-world.ts';
import { runAssessment, type AssessmentResult } from '../../src/app/run-assessment.ts';
import { runSimulation, type SimulationResult } from '../../src/app/run-simulation.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { NO_CHOICES } from '../../src/domain/rollout/choices.ts';
import type { CheckContext, CheckReport, Waiver } from '../../src/domain/checks/check.ts';
import { runChecks } from '../../src/domain/checks/run-checks.ts';
import { OPTION_IDS } from '../../src/domain/decide/option.ts';
import type { RolloutPlan } from '../../src/domain/rollout/plan.ts';
import { asObject, type JsonObject } from '../../src/lib/json.ts';
import { failureDocument } from '../../src/render/failure.ts';
import { assessment } from '../../src/schema/contracts/assessment.ts';
import { simulation } from '../../src/schema/contracts/simulation.ts';
import type { SchemaKind } from '../../src/schema/kinds.ts';
import { describing } from '../../src/schema/same-type.ts';
import { openFiles } from '../support/open-files.ts';
import { closedValidatorOf, faultsOf, throughJson, validatorOf } from './validate.ts';

const MAY_BE_MISSING: ReadonlySet<string> = new Set(['taken', 'stage', 'plaintext', 'underStrict', 'trace']);

const STRICT = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop-parcel }
spec: { mtls: { mode: STRICT } }
`;

let folder: string;
let demo: OpenedWorld;
let strictDemo: OpenedWorld;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'meshwise-schema-'));
  const overlay = path.join(folder, 'strict.yaml');
  writeFileSync(overlay, STRICT);
  demo = await openFiles({ demo: true });
  strictDemo = await openFiles({ demo: true, overlay: [overlay] });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Results take a while to make, and are only looked at. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const demoPlan = once((): RolloutPlan => {
  const wishes = { target: 'istio-sidecar', goal: 'deny-by-default', acceptEvidence: 'observed' } as const;
  return makePlan(
    demo,
    { ...wishes, minWindowSeconds: undefined, namespaces: [], meshVersion: undefined, choices: NO_CHOICES },
    { meshwiseVersion: '0.1.0', fingerprint: '0'.repeat(64) },
  );
});

interface Sample {
  readonly kind: SchemaKind;
  readonly of: string;
  readonly result: () => unknown;
}

const cases: readonly Sample[] = [
  { kind: 'Inventory', of: 'the demo cluster', result: () => takeInventory(demo, { namespaces: [] }) },
  { kind: 'Inventory', of: 'one namespace', result: () => takeInventory(demo, { namespaces: ['shop-pay'] }) },
  { kind: 'Assessment', of: 'the demo cluster', result: () => runAssessment(demo, { answers: [], exclusions: [] }) },
  {
    kind: 'Assessment',
    of: 'the demo cluster with answers and no option left',
    result: () =>
      runAssessment(demo, {
        answers: ['mtls-identity=must', 'fips=no'],
        exclusions: OPTION_IDS.map((option) => `${option}=out`),
      }),
  },
  { kind: 'RolloutPlan', of: 'the demo cluster', result: planDocument },
  {
    kind: 'Simulation',
    of: 'the demo cluster and the stages of its plan',
    result: () =>
      runSimulation(
        demo,
        demoPlan()
          .stages.filter(({ steps }) => steps.length > 0)
          .slice(0, 4),
      ),
  },
  { kind: 'Simulation', of: 'a namespace gone STRICT', result: () => runSimulation(strictDemo, []) },
  { kind: 'Simulation', of: 'the demo cluster as it is', result: () => runSimulation(demo, []) },
  {
    kind: 'Simulation',
    of: 'one call under two assumptions',
    result: () =>
      runSimulation(demo, [], {
        assumptions: [{ what: 'strict' }, { what: 'deny-all' }],
        call: { text: 'shop-parcel/shipping:shop-parcel/rate-card:8080', method: 'GET', path: '/' },
      }),
  },
  { kind: 'CheckReport', of: 'the demo cluster', result: () => reportOf(checksOf({})) },
  { kind: 'CheckReport', of: 'one stage, with waivers', result: () => reportOf(waivedChecks()) },
  {
    kind: 'Error',
    of: 'a failed command',
    result: (): unknown =>
      JSON.parse(failureDocument({ status: 2, code: 'no-such-path', message: 'not there', hints: ['look'] })),
  },
];

const samples = cases.map((sample): Sample => ({ ...sample, result: once(sample.result) }));

function planDocument(): object {
  return { apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...demoPlan() };
}

function reportOf(report: CheckReport): object {
  return { ...demo.headFor('CheckReport'), ...report };
}

function checksOf(stage: Pick<CheckContext, 'stage'>, waived: readonly Waiver[] = []): CheckReport {
  const { world, graph } = demo;
  return runChecks({ world, graph, target: 'istio-sidecar', ...stage }, { waived });
}

/** Each check that finds something is waived, one of them until a time that has passed. */
function waivedChecks(): CheckReport {
  const found = checksOf({ stage: 'strict' }).findings;
  const waivers = found.map(({ check }, index): Waiver => {
    return { check, reason: 'known', owner: 'team db', expires: index === 0 ? '2026-01-31' : '2027-01-31' };
  });
  return checksOf({ stage: 'strict' }, waivers);
}

/** The members that may be left out of the value without a fault, sorted. */
function dispensable(validate: ValidateFunction, value: JsonObject): readonly string[] {
  const without = (left: string): JsonObject =>
    Object.fromEntries(Object.entries(value).filter(([key]) => key !== left));
  return Object.keys(value)
    .filter((key) => faultsOf(validate, without(key)).length === 0)
    .sort();
}

describe('results and their JSON Schemas', () => {
  it.each(samples)('$kind of $of is as its schema says', ({ kind, result }) => {
    expect(faultsOf(validatorOf(kind), result())).toEqual([]);
  });

  it.each(samples)('$kind of $of has no member that its schema does not name', ({ kind, result }) => {
    expect(faultsOf(closedValidatorOf(kind), result())).toEqual([]);
  });

  it.each(samples)('$kind of $of fails when any member is missing', ({ kind, result }) => {
    const whole = asObject(throughJson(result())) ?? {};
    expect(dispensable(validatorOf(kind), whole).filter((key) => !MAY_BE_MISSING.has(key))).toEqual([]);
  });

  it('the samples hold waived findings, obstacles, exceptions and calls that are not ok', () => {
    expect(waivedChecks().findings.some(({ waived }) => waived !== undefined)).toBe(true);
    expect(demoPlan().stages.some(({ blockedBy }) => blockedBy.length > 0)).toBe(true);
    expect(demoPlan().exceptions.length).toBeGreaterThan(0);
    expect(runSimulation(strictDemo, []).calls.length).toBeGreaterThan(0);
  });

  it('a word that is not in the contract fails', () => {
    const validate = validatorOf('Inventory');
    const result = takeInventory(demo, { namespaces: [] });
    const workloads = result.workloads.map((row) => ({ ...row, mtls: { ...row.mtls, mode: 'STRICT' } }));
    expect(faultsOf(validate, { ...result, workloads })).not.toEqual([]);
  });

  it('a fact without its reason fails', () => {
    const result = takeInventory(demo, { namespaces: [] });
    const cluster = { ...result.cluster, kubernetesVersion: { known: false } };
    expect(faultsOf(validatorOf('Inventory'), { ...result, cluster })).not.toEqual([]);
  });

  it('a plan whose step lacks what it acts on fails', () => {
    const stages = demoPlan().stages.map((stage) => ({ ...stage, steps: [{ step: 'delete' }] }));
    expect(faultsOf(validatorOf('RolloutPlan'), { ...planDocument(), stages })).not.toEqual([]);
  });
});

describe('the types of the commands’ results', () => {
  it('are those of the schemas', () => {
    const asAssessed: z.ZodType = describing<AssessmentResult>()(assessment);
    const asSimulated: z.ZodType = describing<SimulationResult & { readonly kind: 'Simulation' }>()(simulation);
    expect(asAssessed.safeParse(runAssessment(demo, { answers: [], exclusions: [] })).success).toBe(true);
    expect(asSimulated.safeParse(runSimulation(demo, [])).success).toBe(true);
  });
});

describe('the lines of a snapshot', () => {
  const parse = (lines: readonly string[]): readonly unknown[] => lines.map((line): unknown => JSON.parse(line));
  const linesOf = (): readonly unknown[] => {
    const { basis, cluster, asOf, kubernetesVersion, objects, gaps, warnings, coverage: entries } = demo.reading;
    const head = { basis, cluster, asOf, kubernetesVersion, gaps, warnings, entries, writtenBy: '0.1.0' };
    const row = { source: 'calls.csv:2', client: 'web', service: 'api', port: 80, count: 3 };
    const watched = { source: 'calls.csv', seesUnmeshed: true, rows: [row] };
    return parse([...snapshotLines({ ...head, objects, calls: [watched] } satisfies SnapshotContent)]);
  };

  it('are each as the schema says, in a file that was saved', async () => {
    const save = path.join(folder, 'demo.jsonl');
    await openFiles({ demo: true, save });
    const lines = parse(readFileSync(save, 'utf8').trimEnd().split('\n'));
    const validate = validatorOf('Snapshot');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.flatMap((line) => faultsOf(validate, line))).toEqual([]);
  });

  it('hold no member that the schema does not name', () => {
    const validate = closedValidatorOf('Snapshot');
    expect(linesOf().flatMap((line) => faultsOf(validate, line))).toEqual([]);
  });

  it('begin with a header that fails without any of its members', () => {
    const validate = validatorOf('Snapshot');
    const header = asObject(linesOf()[0]) ?? {};
    expect(dispensable(validate, header)).toEqual(['gaps', 'warnings', 'watched']);
  });

  it('fail for an object without a name', () => {
    const object = { apiVersion: 'v1', kind: 'Service', metadata: { labels: {} }, origin: { from: 'read' } };
    expect(faultsOf(validatorOf('Snapshot'), { object })).not.toEqual([]);
  });
});
