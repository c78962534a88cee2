import { buildCallGraph } from '../../../../src/domain/calls/call-graph.ts';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { Step } from '../../../../src/domain/world/step.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom, type WorldOptions } from '../../../support/build-world.ts';
import { planOf, row } from '../shop.ts';

/** A world with the rows that were seen in it. */
export interface Scene {
  readonly world: World;
  readonly rows: readonly CallRow[];
}

/** The world of manifests with calls, as `front.shop cart.shop`. */
export function scene(manifests: readonly JsonObject[], calls: readonly CallRow[], options: WorldOptions = {}): Scene {
  return { world: worldFrom(manifests, options), rows: calls };
}

export { row };

/** The plan towards Linkerd. */
export function linkerdPlan({ world, rows }: Scene, more: Partial<RolloutInput> = {}): RolloutPlan {
  return planOf(world, rows, { target: 'linkerd', ...more });
}

/** The world after steps. */
export function after(world: World, steps: readonly Step[]): World {
  return applyChange(world, { id: 'test', steps }, admitPod).world;
}

/** Whether the stage is one whose steps are applied. */
export function isWritten({ state }: Stage): boolean {
  return state === 'ready' || state === 'waived';
}

/** The world after all stages up to that one, and with it; the last one without an id. */
export function worldAfter(start: World, plan: RolloutPlan, id?: string): World {
  let world = start;
  for (const stage of plan.stages) {
    if (isWritten(stage)) world = after(world, stage.steps);
    if (stage.id === id) break;
  }
  return world;
}

/** What becomes of each call, by its id. */
export function verdicts({ rows }: Pick<Scene, 'rows'>, world: World, at: World): ReadonlyMap<string, string> {
  const graph = buildCallGraph(world, [{ source: 'calls.csv', seesUnmeshed: true, rows }]);
  return new Map(graph.calls.map((call) => [call.id, fateOf(call, at).verdict]));
}
