import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StageKind, Target } from '../../../src/domain/rollout/plan.ts';
import { runs } from '../runs.ts';
import { judge, notConfined, notLively } from './all-laws.ts';
import { obstaclesFor, plantedRollout } from './obstacles.ts';
import { clusterFor } from './rollout-cluster.ts';
import { planFor } from './rollout-plan.ts';
import { calmRollout, rolloutWorld } from './rollout-world.ts';

const LONG = 1_800_000;

/** Targets other than the first are held against a few obstacles only, unless many runs are asked for. */
const HAS_TIME = Number(process.env['MESHWISE_RUNS'] ?? '1') > 1;

/** The same worlds in every run; others where MESHWISE_SEED names a seed. */
const SEED = Number(process.env['MESHWISE_SEED'] ?? '5');

const TARGETS: readonly Target[] = ['istio-sidecar', 'istio-ambient', 'linkerd'];

describe.each(TARGETS)('a rollout towards %s', (target) => {
  test(
    'keeps the laws in whatever cluster: nothing breaks, opens or shuts that was not to, and all can be undone',
    () => {
      const seen = new Set<StageKind>();
      fc.assert(
        fc.property(rolloutWorld(target), (facts) => {
          for (const { kind, state } of planFor(facts, clusterFor(facts)).stages) if (state === 'ready') seen.add(kind);
          expect(judge(facts)).toEqual([]);
        }),
        { ...runs(5), seed: SEED },
      );
      expect([...seen]).toEqual(expect.arrayContaining(['enrol', 'strict']));
    },
    LONG,
  );

  test(
    'ends with everything strict and denied where nothing is in the way',
    () => {
      fc.assert(
        fc.property(calmRollout(target), (facts) => {
          expect(notLively(facts)).toEqual([]);
          expect(judge(facts)).toEqual([]);
        }),
        { ...runs(1), seed: SEED },
      );
    },
    LONG,
  );

  test.each(obstaclesFor(target, HAS_TIME || target === 'istio-sidecar'))(
    'is held back by %s where it stands, and nowhere else',
    (obstacle) => {
      fc.assert(
        fc.property(plantedRollout(target, obstacle), (world) => {
          expect(notConfined(world)).toEqual([]);
          expect(judge(world.facts, ['breaks', 'opens', 'shuts', 'unwatched'])).toEqual([]);
        }),
        { ...runs(1), seed: SEED },
      );
    },
    LONG,
  );
});
