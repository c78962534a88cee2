import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { service, workload, worldFrom } from '../../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from '../shop.ts';

const TERM = { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }] };
const SAID: readonly (readonly [string, JsonObject])[] = [
  ['spec.os.name', { os: { name: 'windows' } }],
  ['a selector of nodes', { nodeSelector: { 'kubernetes.io/os': 'windows' } }],
  [
    'a required affinity',
    {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [TERM] } },
      },
    },
  ],
];
const CALLS = [...SHOP_CALLS, row('win.shop', 'cart.shop'), row('front.shop', 'win.shop')];

function objectsWith(podSpec: JsonObject): readonly JsonObject[] {
  return [...SHOP, workload('shop', 'win', { podSpec }), service('shop', 'win')];
}

describe.each(['istio-sidecar', 'linkerd'] as const)('towards %s a workload on Windows', (target) => {
  test.each(SAID)('by %s is kept out by its template before the namespace is marked', (_, podSpec) => {
    const plan = planOf(worldFrom(objectsWith(podSpec)), CALLS, { target });
    const own = plan.exceptions.filter(({ workload: { name }, layer }) => name === 'win' && layer === 'enrolment');
    expect(own.map(({ reason }) => reason)).toEqual([expect.stringContaining('its pods run on Windows')]);
    const steps = plan.stages.flatMap((stage) => stage.steps);
    const patches = steps.filter((step) => step.step === 'patch' && step.target.name === 'win');
    expect(JSON.stringify(patches)).toMatch(/inject":"(false|disabled)"/);
    expect(stageOf(plan, 'enrol-namespace-shop').state).toBe('ready');
  });

  test('is a caller and a server without a proxy', () => {
    const plan = planOf(worldFrom(objectsWith({ os: { name: 'windows' } })), CALLS, { target });
    const mtls = plan.exceptions.filter(({ layer }) => layer === 'mtls').map(({ workload: { name } }) => name);
    expect(mtls).toContain('cart');
    const closing = plan.stages.filter(({ kind }) => kind === 'strict' || kind === 'deny');
    expect(JSON.stringify(closing.flatMap(({ steps }) => steps))).not.toContain('"app":"win"');
  });
});

test('terms of an affinity that leave Linux open keep nobody out', () => {
  const terms = [TERM, { matchExpressions: [{ key: 'disk', operator: 'Exists' }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  const plan = planOf(worldFrom(objectsWith({ affinity })), CALLS);
  expect(plan.exceptions.filter(({ workload: { name } }) => name === 'win')).toEqual([]);
});
