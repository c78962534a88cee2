import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../src/domain/kubernetes/object.ts';
import { dataPlaneOf } from '../../../src/domain/mesh/registry.ts';
import { callerIn } from '../../../src/domain/simulate/alike-callers.ts';
import { answering } from '../../../src/domain/simulate/answering.ts';
import { cohortsOf } from '../../../src/domain/world/workload.ts';
import { workloadsOf } from '../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld } from '../../cases-runner/case-world.ts';
import { ambientFacts, ambientObjects } from '../../laws/ambient-world.ts';
import { richCalls } from '../../laws/rich-calls.ts';
import { richObjects, richWorld } from '../../laws/rich-world.ts';
import { runs } from '../../laws/runs.ts';

const POLICIES: ReadonlySet<Kind> = new Set<Kind>([KIND.peerAuthentication, KIND.authorizationPolicy]);

/** The world, with a note of each look at a policy. */
function watched(world: World, looks: string[]): World {
  const seen = (kind: Kind): void => {
    if (POLICIES.has(kind)) looks.push(kind);
  };
  return {
    ...world,
    list: (kind) => (seen(kind), world.list(kind)),
    listIn: (kind, namespace) => (seen(kind), world.listIn(kind, namespace)),
    get: (ref) => (seen(ref.kind), world.get(ref)),
  };
}

/** Resolves what worlds share that differ in policies alone. */
function resolveShared(world: World): void {
  for (const workload of workloadsOf(world)) {
    const cohorts = cohortsOf(workload);
    if (cohorts.some(({ unread }) => unread !== undefined)) continue;
    for (const cohort of cohorts) dataPlaneOf(workload, cohort, world);
    callerIn(world, workload);
  }
}

describe('what worlds share that differ in policies alone', () => {
  test('is found without a look at a policy', () => {
    fc.assert(
      fc.property(richWorld, (facts) => {
        const looks: string[] = [];
        const world = watched(completeWorld(richObjects(facts)), looks);
        // Whose kinds have a pod template is asked of every kind; what policies say is not.
        workloadsOf(world);
        looks.length = 0;
        resolveShared(world);
        for (const { to } of richCalls(facts)) answering(to, world);
        expect(looks).toEqual([]);
      }),
      runs(40),
    );
  });

  test('is found without a look at a policy behind ztunnel and waypoints too', () => {
    fc.assert(
      fc.property(ambientFacts, (facts) => {
        const looks: string[] = [];
        const world = watched(completeWorld(ambientObjects(facts)), looks);
        workloadsOf(world);
        looks.length = 0;
        resolveShared(world);
        expect(looks).toEqual([]);
      }),
      runs(25),
    );
  });
});
