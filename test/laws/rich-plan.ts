import type fc from 'fast-check';
import { NO_CHOICES } from '../../src/domain/rollout/choices.ts';
import type { Call, EvidenceKind } from '../../src/domain/calls/call.ts';
import { kindOf } from '../../src/domain/kubernetes/object.ts';
import { admitPod } from '../../src/domain/mesh/registry.ts';
import type { RolloutPlan } from '../../src/domain/rollout/plan.ts';
import { planRollout } from '../../src/domain/rollout/plan-rollout.ts';
import { applyChange } from '../../src/domain/world/apply.ts';
import type { Step } from '../../src/domain/world/step.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import type { World } from '../../src/domain/world/world.ts';
import { richWorld, type RichWorld } from './rich-world.ts';

/** Three weeks that ended just before the worlds were read, seen by somebody who sees everybody. */
export const WINDOW = {
  source: 'generated',
  from: '2025-12-10T00:00:00Z',
  to: '2025-12-31T00:00:00Z',
  seesUnmeshed: true,
} as const;

/** A plan all the way to deny-by-default, on calls of which some were watched. */
export function planOf(world: World, calls: readonly Call[], acceptEvidence: EvidenceKind): RolloutPlan {
  return planRollout({
    world,
    graph: { calls, windows: [WINDOW], unresolved: [] },
    target: 'istio-sidecar',
    goal: 'deny-by-default',
    choices: NO_CHOICES,
    acceptEvidence,
    meshwiseVersion: '0.0.0',
    fingerprint: 'none',
    warnings: [],
  });
}

/** Generated worlds that hold little but what a rollout of sidecars starts from, so that most plans go somewhere. */
export const rolloutWorld: fc.Arbitrary<RichWorld> = richWorld.map((facts) => ({
  ...facts,
  meshes: { red: 'sidecar', blue: 'sidecar', green: facts.meshes.green === 'sidecar' ? 'sidecar' : 'none' },
  workloads: facts.workloads.map((one) => ({
    ...one,
    kind: one.kind === 'StatefulSet' ? one.kind : 'Deployment',
    headless: false,
    live: one.live === 'meshed' && !facts.enrolled[one.namespace] ? 'bare' : one.live,
  })),
  policies: facts.policies.filter(({ apiVersion }) => apiVersion.startsWith('security.istio.io/')).slice(0, 2),
  linkerdDefault: 'all-unauthenticated',
  waypoints: [],
}));

/** The world in which every workload was restarted, so that all pods are as their templates make them now. */
export function settled(world: World): World {
  const restarts = workloadsOf(world).flatMap((workload): readonly Step[] => {
    const { namespace, name, object } = workload;
    if (object.kind === 'Pod' || object.kind !== workload.kind) return [];
    return [{ step: 'restart', method: 'rollout-restart', workload: { kind: kindOf(object), namespace, name } }];
  });
  return applied(world, 'restarts', restarts);
}

/** The world after the steps. */
export function applied(world: World, id: string, steps: readonly Step[]): World {
  return applyChange(world, { id, steps }, admitPod).world;
}

/** Each stage that may be applied, with the world that it starts from and the one that it leaves. */
export function stagesThrough(plan: RolloutPlan, start: World) {
  let world = start;
  return plan.stages
    .filter(({ state }) => state === 'ready' || state === 'waived')
    .map((stage) => {
      const before = world;
      world = applied(before, stage.id, stage.steps);
      return { stage, before, after: world };
    });
}
