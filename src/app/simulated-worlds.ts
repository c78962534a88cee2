import { admitPod } from '../domain/mesh/registry.ts';
import { assume } from '../domain/simulate/assume.ts';
import type { Assumption } from '../domain/simulate/assumption.ts';
import type { AssumptionMade } from '../domain/simulate/followed.ts';
import type { NamedWorld } from '../domain/simulate/simulate.ts';
import { applyChange } from '../domain/world/apply.ts';
import type { Step } from '../domain/world/step.ts';
import type { OpenedWorld } from './open-world.ts';

/** A stage to lay over the world, after those before it. */
export interface StageToSimulate {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The worlds in which calls are followed, each laid over the one before it. */
export interface SimulatedWorlds {
  readonly worlds: readonly NamedWorld[];
  readonly assumptions: readonly AssumptionMade[];
}

/**
 * The world as it was read, with its overlays, with each assumption in turn, and after each stage in turn. Throws a
 * usage error for an assumption that nothing can follow.
 */
export function simulatedWorlds(
  opened: OpenedWorld,
  assumptions: readonly Assumption[],
  stages: readonly StageToSimulate[],
): SimulatedWorlds {
  const worlds = startingWorlds(opened);
  const made: AssumptionMade[] = [];
  let current = opened.world;
  for (const assumption of assumptions) {
    const { id, title, world, notes } = assume(current, assumption);
    current = world;
    worlds.push({ id, title, world });
    made.push({ world: id, notes });
  }
  for (const { id, title, steps } of stages) {
    current = applyChange(current, { id, steps }, admitPod).world;
    worlds.push({ id, title, world: current });
  }
  return { worlds, assumptions: made };
}

function startingWorlds({ base, world }: OpenedWorld): NamedWorld[] {
  const now = { id: 'now', title: 'the world as it was read', world: base };
  return base === world ? [now] : [now, { id: 'overlay', title: 'with the overlays laid over it', world }];
}
