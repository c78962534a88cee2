import { describe, expect, test } from 'vitest';
import { NO_CHOICES, type Choices } from '../../../src/domain/rollout/choices.ts';
import { acceptedOpenings } from '../../../src/domain/rollout/accepted-openings.ts';
import { strangeChoices } from '../../../src/domain/rollout/strange-choices.ts';
import { withOwners, ownerToBeNamed } from '../../../src/domain/rollout/exception-owner.ts';
import { known, unknown } from '../../../src/domain/world/fact.ts';
import { withBuckets } from '../../../src/domain/world/object-world.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const NOW = '2026-10-31T00:00:00Z';

function worldAt(time: string | undefined): World {
  const asOf = time === undefined ? unknown('no time given') : known(time);
  return withBuckets(worldFrom(SHOP), new Map(), { asOf });
}

function choose(more: Partial<Choices>): Choices {
  return { ...NO_CHOICES, ...more };
}

const word = { reason: 'watched by hand', owner: 'team', expires: '2027-01-31' };

describe('what people choose', () => {
  test('labels and annotations stand on every object that the plan makes, and change nothing else', () => {
    const chosen = choose({ labels: { team: 'platform' }, annotations: { 'example.com/ticket': 'OPS-1' } });
    const plan = planOf(worldAt(NOW), SHOP_CALLS, { choices: chosen });
    const plain = planOf(worldAt(NOW), SHOP_CALLS);
    const made = plan.stages.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.step === 'apply' && step.manifest.kind !== 'Namespace' ? [step.manifest] : [])),
    );
    expect(made.length).toBeGreaterThan(0);
    for (const { metadata } of made) {
      expect(metadata.labels).toMatchObject({ team: 'platform', 'app.kubernetes.io/managed-by': 'meshwise' });
      expect(metadata.annotations).toMatchObject({ 'example.com/ticket': 'OPS-1' });
    }
    expect(plan.stages.map(({ id, state }) => [id, state])).toEqual(plain.stages.map(({ id, state }) => [id, state]));
  });

  test('a waiver lets a stage be written whose calls nobody watched, and the stage says by whose word', () => {
    const waivers = [
      { what: 'shop', ...word },
      { what: 'pay', ...word },
    ];
    const without = stageOf(planOf(worldAt(NOW), []), 'strict-shop');
    expect(without.state).toBe('outline');
    const stage = stageOf(planOf(worldAt(NOW), [], { choices: choose({ waivers }) }), 'strict-shop');
    expect(stage.state).toBe('waived');
    expect(stage.notes.join()).toContain('Waived by team until 2027-01-31: the calls of shop count as known.');
  });

  test.each([
    ['that ended', NOW, '2026-10-30'],
    ['where nobody knows the time', undefined, '2027-01-31'],
  ])('a waiver %s counts for nothing', (_which, time, expires) => {
    const waivers = [{ what: 'shop', ...word, expires }];
    const stage = stageOf(planOf(worldAt(time), [], { choices: choose({ waivers }) }), 'strict-shop');
    expect(stage.state).toBe('outline');
  });

  test('an opening counts as accepted only for its stage, and only until its end', () => {
    const opens = ['shop/Deployment/cart port 8080: plaintext from any pod'];
    const accepted = { stage: 'allow-shop', opens: 'shop/Deployment/cart port 8080', ...word };
    const held = (choices: Choices, stage: string) =>
      acceptedOpenings({ choices, world: worldAt(NOW) }, stage, opens).shut;
    expect(held(choose({ accepts: [accepted] }), 'allow-shop')).toEqual([]);
    expect(held(choose({ accepts: [accepted] }), 'deny-shop')).toEqual(opens);
    expect(held(choose({ accepts: [{ ...accepted, expires: '2026-01-01' }] }), 'allow-shop')).toEqual(opens);
    expect(held(choose({ accepts: [{ ...accepted, opens: 'pay' }] }), 'allow-shop')).toEqual(opens);
  });

  test('owners stand where nobody else is named', () => {
    const workload = { namespace: 'shop', kind: 'Deployment', name: 'cart' };
    const row = { workload, layer: 'mtls', ports: [], reason: 'r', expires: 'never' } as const;
    const rows = [
      { ...row, owner: ownerToBeNamed(workload) },
      { ...row, owner: 'somebody' },
    ];
    expect(withOwners(rows, { shop: 'team' }).map(({ owner }) => owner)).toEqual(['team', 'somebody']);
    expect(withOwners(rows, { pay: 'team' })).toEqual(rows);
  });

  test('choices about what is not there, or that ended, are named', () => {
    const chosen = choose({
      owners: { shop: 'a', nowhere: 'b' },
      exclude: [{ what: 'shop/Deployment/none', reason: 'r' }],
      waivers: [{ what: 'shop/Deployment/cart', ...word, expires: '2026-01-01' }],
    });
    expect(strangeChoices(worldAt(NOW), chosen)).toEqual([
      'plan.owners names nowhere, which is not in the cluster',
      'plan.exclude names shop/Deployment/none, which is not in the cluster',
      'plan.waivers: shop/Deployment/cart ended 2026-01-01',
    ]);
    expect(strangeChoices(worldAt(undefined), chosen).at(-1)).toContain('not assessed: no time given');
  });
});
