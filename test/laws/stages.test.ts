import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/domain/calls/call.ts';
import { dataPlaneOf } from '../../src/domain/mesh/registry.ts';
import type { Stage } from '../../src/domain/rollout/plan.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { cutsCalls } from '../../src/domain/simulate/verdict.ts';
import { cohortsOf, formatWorkload } from '../../src/domain/world/workload.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { richCalls } from './rich-calls.ts';
import { applied, planOf, rolloutWorld, settled, stagesThrough } from './rich-plan.ts';
import { richObjects, richWorld } from './rich-world.ts';
import { runs } from './runs.ts';

function fatesOf(calls: readonly Call[], world: World): readonly string[] {
  return calls.map((call) => {
    const { verdict, wire, authorization } = fateOf(call, world);
    return `${call.id}: ${verdict} ${wire} ${authorization}`;
  });
}

/** Whether nothing is there to be undone: what commands outside the manifests made stays. */
function isLasting({ steps }: Stage): boolean {
  return steps.every(({ step }) => step === 'external');
}

/** Clusters whose namespaces ask for sidecars, with pods that are older than the label. */
const agedWorld = rolloutWorld.map((facts) => ({
  ...facts,
  enrolled: { red: true, blue: true, green: true },
  workloads: facts.workloads.map((one) => ({ ...one, live: one.live === 'mixed' ? one.live : ('bare' as const) })),
}));

/** Workloads with a live pod that surely has no proxy. */
function bare(world: World): readonly string[] {
  return workloadsOf(world)
    .filter((workload) =>
      cohortsOf(workload).some(
        (cohort) => cohort.state === 'live' && dataPlaneOf(workload, cohort, world).mesh === undefined,
      ),
    )
    .map(formatWorkload);
}

describe('a stage of a planned rollout', () => {
  test('followed by its rollback restores the fate of every call', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(rolloutWorld, (facts) => {
        const [start, calls] = [settled(completeWorld(richObjects(facts))), richCalls(facts)];
        for (const { stage, before, after } of stagesThrough(planOf(start, calls, 'inferred'), start)) {
          if (isLasting(stage)) continue;
          kinds.add(stage.kind);
          const back = applied(after, `${stage.id}-rollback`, stage.rollback.steps);
          expect(fatesOf(calls, back), stage.id).toEqual(fatesOf(calls, before));
        }
      }),
      runs(4),
    );
    expect([...kinds].sort()).toEqual(['allow', 'deny', 'enrol', 'shadow', 'strict', 'telemetry']);
  }, 600_000);

  test('and all after it, undone last first, leave the world that the first began with', () => {
    fc.assert(
      fc.property(rolloutWorld, (facts) => {
        const [start, calls] = [settled(completeWorld(richObjects(facts))), richCalls(facts)];
        const through = stagesThrough(planOf(start, calls, 'inferred'), start);
        const lasting = through.filter(({ stage }) => isLasting(stage)).map(({ stage }) => stage);
        const bare = lasting.reduce((world, { id, steps }) => applied(world, id, steps), start);
        const end = through.at(-1)?.after ?? start;
        const back = through.reduceRight((world, { stage }) => applied(world, stage.id, stage.rollback.steps), end);
        expect(fatesOf(calls, back)).toEqual(fatesOf(calls, bare));
      }),
      runs(2),
    );
  }, 600_000);

  test('and its rollback leave no proxy in a pod that had none, not even where nothing but a restart gave it one', () => {
    let restarted = 0;
    fc.assert(
      fc.property(agedWorld, (facts) => {
        const [start, calls] = [completeWorld(richObjects(facts)), richCalls(facts)];
        for (const { stage, before, after } of stagesThrough(planOf(start, calls, 'inferred'), start)) {
          const kinds = stage.steps.map(({ step }) => step);
          if (kinds.includes('restart') && !kinds.includes('patch')) restarted += 1;
          const back = applied(after, `${stage.id}-rollback`, stage.rollback.steps);
          const left = new Set(bare(back));
          expect(
            bare(before).filter((name) => !left.has(name)),
            stage.id,
          ).toEqual([]);
        }
      }),
      runs(4),
    );
    expect(restarted).toBeGreaterThan(0);
  }, 600_000);

  test('and its rollback cut no call, even where pods are not as their templates say', () => {
    fc.assert(
      fc.property(richWorld, (facts) => {
        const [start, calls] = [completeWorld(richObjects(facts)), richCalls(facts)];
        for (const { stage, before, after } of stagesThrough(planOf(start, calls, 'inferred'), start)) {
          const back = applied(after, `${stage.id}-rollback`, stage.rollback.steps);
          const cut = (world: World) =>
            calls.filter((call) => cutsCalls(fateOf(call, world).verdict)).map(({ id }) => id);
          const already = cut(before);
          expect(
            cut(back).filter((id) => !already.includes(id)),
            stage.id,
          ).toEqual([]);
        }
      }),
      runs(2),
    );
  }, 600_000);
});
