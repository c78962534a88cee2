import { describe, expect, it } from 'vitest';
import type { RolloutPlan } from '../../../../src/domain/rollout/plan.ts';
import { TARGETS } from '../../../../src/domain/rollout/target-names.ts';
import type { Manifest } from '../../../../src/domain/world/step.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

/** Written, so that somebody may apply them. */
const APPLIED: ReadonlySet<string> = new Set(['ready', 'waived']);

function manifestsOf({ stages }: RolloutPlan): readonly Manifest[] {
  return stages
    .filter(({ state }) => APPLIED.has(state))
    .flatMap(({ steps }) => steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : [])));
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

describe.each(TARGETS)('a plan towards %s', (target) => {
  const made = manifestsOf(planOf(worldFrom(SHOP), SHOP_CALLS, { target }));
  const ofEachKind = [...new Map(made.map((manifest) => [manifest.kind, manifest])).values()];

  it('makes objects of several kinds', () => {
    expect(ofEachKind.length).toBeGreaterThan(2);
  });

  it.each(ofEachKind.map((manifest) => [nameOf(manifest), manifest] as const))(
    'never applies over somebody else’s %s',
    (name, manifest) => {
      const theirs = { ...manifest, metadata: { ...manifest.metadata, labels: { team: 'shop' } } };
      const plan = planOf(worldFrom([...SHOP, theirs]), SHOP_CALLS, { target });
      expect(manifestsOf(plan).map(nameOf)).not.toContain(name);
    },
  );
});
