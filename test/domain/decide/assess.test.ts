import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_IDS, readAnswers } from '../../../src/domain/decide/answers.ts';
import { assess } from '../../../src/domain/decide/assess.ts';
import type { Assessment, OptionAssessment } from '../../../src/domain/decide/assessment.ts';
import { CRITERIA } from '../../../src/domain/decide/data/criteria.ts';
import type { OptionId } from '../../../src/domain/decide/option.ts';
import { detected, inputOver, object, SHOP, SHOP_KINDS, worldWithout } from './small-world.ts';

function optionOf(assessment: Assessment, id: OptionId): OptionAssessment {
  const found = assessment.options.find((candidate) => candidate.option === id);
  if (found === undefined) throw new Error(`${id} is missing`);
  return found;
}

const vetoIds = (assessment: Assessment, id: OptionId): readonly string[] =>
  optionOf(assessment, id).vetoes.map((veto) => veto.id);

describe('assess', () => {
  it('is undecided on an empty world, names no option and asks questions', () => {
    const result = assess(inputOver(worldWithout([], [])));
    expect(result.worthIt.verdict).toBe('undecided');
    expect(result.recommendation).toMatchObject({ verdict: 'undecided', option: undefined });
    expect(result.questions.length).toBeGreaterThan(10);
  });

  it('decides nothing by two workloads alone, and may by an answer', () => {
    const two = worldWithout(
      [],
      SHOP.filter(({ kind, metadata }) => kind !== 'StatefulSet' && metadata.name !== 'cilium'),
    );
    const alone = assess(inputOver(two));
    expect([alone.worthIt.verdict, alone.recommendation.verdict]).toEqual(['undecided', 'undecided']);
    expect(alone.recommendation.because[0]).toContain('only 2 of at least 3 workloads');
    const answers = readAnswers(['mtls-identity=must']);
    expect(assess(inputOver(two, { answers })).recommendation.because.join()).not.toContain('workloads are here');
  });

  it('gives the same result for the same input', () => {
    const run = () => JSON.stringify(assess(inputOver(worldWithout([]))));
    expect(run()).toBe(run());
  });

  it('shares all probability among the options that are not dropped', () => {
    const result = assess(inputOver(worldWithout([])));
    expect(result.options.reduce((sum, option) => sum + option.probabilityFirst, 0)).toBeCloseTo(1, 9);
    expect(result.options.every((option) => !option.dropped || option.probabilityFirst === 0)).toBe(true);
  });

  it('covers all 21 criteria, each with its evidence or the reason why it is open', () => {
    const { criteria } = assess(inputOver(worldWithout([])));
    expect(criteria).toHaveLength(21);
    const silent = criteria.filter((criterion) => criterion.evidence.length === 0 && criterion.unknown === undefined);
    expect(silent).toEqual([]);
  });

  it('recommends when answers settle the matter and nothing is left unread', () => {
    const texts = ANSWER_IDS.filter((id) => id !== 'cni-change').map((id) => `${id}=no`);
    const answers = readAnswers([...texts, 'ops-simplicity=yes']);
    const flannel = SHOP.map((candidate) =>
      candidate.metadata.name === 'cilium' ? object('apps/v1 DaemonSet kube-flannel-ds') : candidate,
    );
    const result = assess(inputOver(worldWithout([], flannel), { answers }));
    expect(result.recommendation).toMatchObject({ verdict: 'recommend', option: 'none', because: [] });
    expect(result.worthIt).toMatchObject({ verdict: 'recommend', answer: 'none' });
    expect(result.questions).toEqual([]);
  });

  it('drops none when a need is a must', () => {
    const result = assess(inputOver(worldWithout([]), { answers: readAnswers(['mtls-identity=must']) }));
    expect(optionOf(result, 'none').dropped).toBe(true);
    expect(result.worthIt.score).toBe(1);
  });

  it('leaves open if Cilium meets a must of workload identity', () => {
    const result = assess(inputOver(worldWithout([]), { answers: readAnswers(['mtls-identity=must']) }));
    expect(optionOf(result, 'cilium').notAssessed.map((constraint) => constraint.id)).toContain('mtls-maturity');
  });

  it('never recommends an option of which a hard fact was not read', () => {
    const needs = CRITERIA.filter((criterion) => criterion.role === 'need').map((criterion) => criterion.id);
    const others = ANSWER_IDS.filter((id) => id !== 'cni-change' && !needs.some((need) => need === id));
    const answers = readAnswers([...needs.map((id) => `${id}=yes`), ...others.map((id) => `${id}=no`)]);
    const result = assess(inputOver(worldWithout(['Node'], SHOP, ''), { answers }));
    expect(result.recommendation.option).not.toBe('none');
    expect(result.recommendation.verdict).not.toBe('recommend');
    expect(result.recommendation.because.join()).toContain('kubernetes-version was not assessed');
  });
});

describe('the information law', () => {
  const subsets = fc.uniqueArray(fc.constantFrom(...SHOP_KINDS), { minLength: 1, maxLength: 6 });

  it('only widens what is known of a criterion when kinds are unread, and never raises the confidence', () => {
    const whole = assess(inputOver(worldWithout([]), { draws: 1 }));
    fc.assert(
      fc.property(subsets, (forbidden) => {
        const less = assess(inputOver(worldWithout(forbidden), { draws: 1 }));
        less.criteria.forEach((criterion, index) => {
          const before = whole.criteria[index];
          expect(criterion.value.low, criterion.id).toBeLessThanOrEqual(before?.value.low ?? -1);
          expect(criterion.value.high, criterion.id).toBeGreaterThanOrEqual(before?.value.high ?? 2);
        });
        expect(less.worthIt.confidence).toBeLessThanOrEqual(whole.worthIt.confidence + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it('never vetoes an option because something is unread', () => {
    const whole = assess(inputOver(worldWithout([]), { draws: 1 }));
    fc.assert(
      fc.property(subsets, (forbidden) => {
        const less = assess(inputOver(worldWithout(forbidden), { draws: 1 }));
        for (const option of less.options) {
          const before = vetoIds(whole, option.option);
          expect(option.vetoes.every((veto) => before.includes(veto.id))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is undecided when nothing could be read', () => {
    const result = assess(inputOver(worldWithout([...SHOP_KINDS, 'Pod'], SHOP, '')));
    expect(result.recommendation.verdict).toBe('undecided');
    expect(result.worthIt.verdict).toBe('undecided');
  });
});

describe('vetoes', () => {
  it('drops each mesh on a Kubernetes that no maintained release runs on', () => {
    const result = assess(inputOver(worldWithout([], SHOP, 'v1.21.5')));
    expect(vetoIds(result, 'istio-sidecar')).toEqual(['kubernetes-version']);
    expect(vetoIds(result, 'linkerd')).toEqual(['kubernetes-version']);
    expect(optionOf(result, 'none').dropped).toBe(false);
  });

  it('drops Cilium where the CNI is another, unless it may be replaced', () => {
    const flannel = worldWithout([], [object('apps/v1 DaemonSet kube-flannel-ds')]);
    expect(vetoIds(assess(inputOver(flannel)), 'cilium')).toEqual(['cni-is-not-cilium']);
    const answers = readAnswers(['cni-change=yes']);
    expect(vetoIds(assess(inputOver(flannel, { answers })), 'cilium')).toEqual([]);
  });

  it('does not assess the CNI where no DaemonSet tells it', () => {
    const result = assess(inputOver(worldWithout([], [])));
    const open = optionOf(result, 'cilium').notAssessed.map((constraint) => constraint.id);
    expect(open).toContain('cni-is-not-cilium');
  });

  it('drops meshes on serverless nodes only, and only warns where some nodes are so', () => {
    const fargate = object('v1 Node fargate-1', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } });
    const all = assess(inputOver(worldWithout([], [fargate])));
    expect(vetoIds(all, 'istio-ambient')).toEqual(['serverless-nodes']);
    const some = assess(inputOver(worldWithout([], [fargate, object('v1 Node ec2-1')])));
    expect(vetoIds(some, 'istio-ambient')).toEqual([]);
    expect(optionOf(some, 'istio-ambient').cautions.map((constraint) => constraint.id)).toEqual(['serverless-nodes']);
  });

  it('drops what has no EnvoyFilter only where Istio runs with them', () => {
    const active = assess(inputOver(worldWithout([]), { detections: [detected('istio', 'active')] }));
    expect(vetoIds(active, 'istio-ambient')).toEqual(['envoy-filter']);
    const remnant = assess(inputOver(worldWithout([]), { detections: [detected('istio', 'remnant')] }));
    expect(vetoIds(remnant, 'istio-ambient')).toEqual([]);
  });
});

describe('cost', () => {
  it('multiplies the chart’s requests by the pods that are not on the host network', () => {
    const { cost } = optionOf(assess(inputOver(worldWithout([]))), 'istio-sidecar');
    // front 3, cart 1, db 1: five sidecars of 100m, and istiod's 500m.
    expect(cost.cpu).toMatchObject({ known: true, value: { low: 1000, high: 1000, unit: 'millicores' } });
  });

  it('says how many times what it adds up', () => {
    const { cost } = optionOf(assess(inputOver(worldWithout([]))), 'istio-sidecar');
    const formula = cost.cpu.known ? cost.cpu.value.formula : '';
    expect(formula).toBe('5 pods x sidecar 100m + 1 x istiod 500m');
  });

  it('does not count a control plane that runs', () => {
    const { cost } = optionOf(
      assess(inputOver(worldWithout([]), { detections: [detected('istio', 'active')] })),
      'istio-sidecar',
    );
    expect(cost.cpu).toMatchObject({ known: true, value: { low: 500, high: 500 } });
  });

  it('is unknown for node agents where Nodes were not read', () => {
    const { cost } = optionOf(assess(inputOver(worldWithout(['Node']))), 'istio-ambient');
    expect(cost.cpu.known).toBe(false);
  });
});
