import { assess } from '../../src/domain/decide/assess.ts';
import { readAnswers, type Answers } from '../../src/domain/decide/answers.ts';
import type { AssessInput, Assessment } from '../../src/domain/decide/assessment.ts';
import type { Era } from '../../src/domain/decide/data/capabilities.ts';
import { OPTION_IDS, type OptionId } from '../../src/domain/decide/option.ts';
import type { KubeObject } from '../../src/domain/kubernetes/object.ts';
import type { Detection } from '../../src/domain/mesh/mesh.ts';
import { known, unknown } from '../../src/domain/world/fact.ts';
import { makeWorld } from '../../src/domain/world/object-world.ts';
import { asNumber, asObject, asText, asTexts, at } from '../../src/lib/json.ts';

/** Whether the published choice is open to our rules and near the first; `structural` is all that CI may demand. */
export interface DecisionOutcome {
  readonly id: string;
  readonly passed: boolean;
  /** The input parses, and no rule of ours vetoes the choice that was made. */
  readonly structural: boolean;
  /** First or within 0.10 of the first without `coding.veto` and `coding.existing`, which hand over half the answer. */
  readonly passedBare: boolean;
  readonly published: OptionId | undefined;
  readonly first: OptionId | undefined;
  readonly probability: number;
  /** Brier score of P(first) over all options against the choice; 0 is best, 2 worst. */
  readonly brier: number;
  readonly reason: string;
}

const NEED_IDS: Readonly<Record<string, string>> = {
  mtls_identity: 'mtls-identity',
  l4_isolation: 'l4-isolation',
  l7_authz_jwt: 'l7-authz-jwt',
  l7_traffic: 'l7-traffic',
  grpc_lb_resil: 'grpc-lb-resilience',
  uniform_l7_metrics: 'uniform-l7-metrics',
  multicluster: 'multicluster',
  vm_workloads: 'vm-workloads',
  extensibility: 'extensibility',
};
const ERAS: Readonly<Record<string, Era>> = { pre2021: 'pre-2021', '2021': '2021', '2023': '2023', now: 'now' };
const NEAR = 0.1;

/** Runs one adoption case through `assess`, with and without what its coding gives away. */
export function run(raw: unknown): DecisionOutcome {
  const id = asText(at(raw, 'id')) ?? 'without id';
  const published = optionOf(asText(at(raw, 'decision')) ?? '');
  const coding = asObject(at(raw, 'coding'));
  const era = ERAS[asText(at(raw, 'era')) ?? ''];
  if (published === undefined || coding === undefined || era === undefined) return misunderstood(id);
  const full = assess(inputOf(coding, era, true));
  const bare = assess(inputOf(coding, era, false));
  const structural = [full, bare].every((assessment) => !optionIn(assessment, published).dropped);
  const passed = structural && isNear(full, published);
  const probability = optionIn(full, published).probabilityFirst;
  const first = full.options[0];
  return {
    id,
    passed,
    structural,
    passedBare: structural && isNear(bare, published),
    published,
    first: first?.option,
    probability,
    brier: brierOf(full, published),
    reason: `took ${published}, P(first) ${probability.toFixed(2)}; first ${first?.option ?? 'none'} ${(first?.probabilityFirst ?? 0).toFixed(2)}`,
  };
}

/** Lines that say how the cases went, with what a hit is worth. */
export function report(outcomes: readonly DecisionOutcome[]): readonly string[] {
  const of = (count: number): string => `${String(count)} of ${String(outcomes.length)}`;
  const count = (test: (outcome: DecisionOutcome) => boolean): number => outcomes.filter(test).length;
  const brier = outcomes.reduce((sum, outcome) => sum + outcome.brier, 0) / Math.max(1, outcomes.length);
  return [
    `decision: ${of(count((outcome) => outcome.passed))} first or within 0.10 of the first`,
    `decision: ${of(count((outcome) => outcome.passedBare))} without coding.veto and coding.existing`,
    `decision: ${of(count((outcome) => outcome.published === 'istio-sidecar'))} by the rule "always istio-sidecar"`,
    `decision: ${of(count((outcome) => outcome.published === 'linkerd'))} by the rule "always linkerd"`,
    `decision: ${of(count((outcome) => outcome.structural))} not dropped by our rules (the floor)`,
    `decision: Brier score ${brier.toFixed(2)} with coding.veto and coding.existing, n = ${String(outcomes.length)}: not a calibration`,
  ];
}

function misunderstood(id: string): DecisionOutcome {
  return {
    id,
    passed: false,
    structural: false,
    passedBare: false,
    published: undefined,
    first: undefined,
    probability: 0,
    brier: 2,
    reason: 'the form of this case is not understood',
  };
}

function optionIn(assessment: Assessment, option: OptionId): Assessment['options'][number] {
  const found = assessment.options.find((candidate) => candidate.option === option);
  if (found === undefined) throw new Error(`${option} was not assessed`);
  return found;
}

function isNear(assessment: Assessment, option: OptionId): boolean {
  const first = assessment.options[0]?.probabilityFirst ?? 0;
  return optionIn(assessment, option).probabilityFirst >= first - NEAR;
}

function brierOf(assessment: Assessment, option: OptionId): number {
  return assessment.options.reduce(
    (sum, candidate) => sum + (candidate.probabilityFirst - (candidate.option === option ? 1 : 0)) ** 2,
    0,
  );
}

function optionOf(text: string): OptionId | undefined {
  return OPTION_IDS.find((option) => option === text.replaceAll('_', '-'));
}

function inputOf(coding: unknown, era: Era, told: boolean): AssessInput {
  const vetoes = Object.entries(asObject(at(coding, 'veto')) ?? {});
  const excluded = vetoes.flatMap(([text, reason]) => {
    const option = optionOf(text);
    return option === undefined ? [] : [[option, asText(reason) ?? ''] as const];
  });
  const existing = told ? Object.keys(asObject(at(coding, 'existing')) ?? {}) : [];
  return {
    world: worldOf(asNumber(at(coding, 'services')) ?? 0, existing.includes('cilium')),
    detections: [
      detection(
        'istio',
        existing.some((text) => text.startsWith('istio')),
      ),
      detection('linkerd', existing.includes('linkerd')),
      detection('consul', existing.includes('consul')),
    ],
    answers: answersOf(coding),
    era,
    ...(told ? { excluded: Object.fromEntries(excluded) } : {}),
  };
}

function detection(mesh: Detection['mesh'], here: boolean): Detection {
  return {
    mesh,
    state: here ? 'installed-unused' : 'absent',
    version: unknown('a case says no version'),
    revisions: [],
    evidence: [],
  };
}

/** Needs that a case does not name are coded as not wanted; burdens are turned to the scale of the criteria. */
function answersOf(coding: unknown): Answers {
  const musts = asTexts(at(coding, 'must'));
  const needs = Object.entries(NEED_IDS).map(([key, id]) => {
    const value = String(asNumber(at(coding, 'need', key)) ?? 0);
    return `${id}=${musts.includes(key) ? 'must' : value}`;
  });
  const number = (key: string): number => asNumber(at(coding, key)) ?? 0.5;
  return readAnswers([
    ...needs,
    `ops-simplicity=${(1 - number('team')).toFixed(2)}`,
    `resource-cost=${String(number('costPressure'))}`,
    `latency=${String(number('latencySensitivity'))}`,
    `maturity=${String(number('riskAversion'))}`,
    `adoption-effort=${String(number('deadline'))}`,
    `polyglot=${String(number('polyglot'))}`,
    `in-house-alternative=${String(number('inHouseAlternative'))}`,
    'upgrade-blast-radius=0.5',
  ]);
}

function worldOf(services: number, cilium: boolean): AssessInput['world'] {
  const objects = Array.from({ length: services }, (_, index) => [
    object('v1', 'Service', { name: `service-${String(index)}`, spec: { selector: { app: `app-${String(index)}` } } }),
    object('apps/v1', 'Deployment', { name: `app-${String(index)}`, spec: { replicas: 2, template: { spec: {} } } }),
  ]).flat();
  if (cilium)
    objects.push(
      object('apps/v1', 'DaemonSet', { name: 'cilium', spec: { template: { spec: { hostNetwork: true } } } }),
    );
  return makeWorld(
    {
      coverage: { basis: 'declared', entries: [] },
      cluster: 'case',
      asOf: unknown('a case has no time'),
      kubernetesVersion: known('v1.34.0'),
    },
    objects,
  );
}

function object(apiVersion: string, kind: string, rest: { readonly name: string; readonly spec: unknown }): KubeObject {
  const metadata = { name: rest.name, namespace: 'case', labels: {}, annotations: {}, ownerReferences: [] };
  return { apiVersion, kind, metadata, origin: { from: 'read' }, spec: rest.spec };
}
