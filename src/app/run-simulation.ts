import type { CallGraph } from '../domain/calls/call.ts';
import { callCoverage, type CallCoverage } from '../domain/calls/coverage.ts';
import { admitPod } from '../domain/mesh/registry.ts';
import {
  compareSimulated,
  isOkEverywhere,
  simulate,
  type NamedWorld,
  type Simulation,
} from '../domain/simulate/simulate.ts';
import { cutsCalls } from '../domain/simulate/verdict.ts';
import { applyChange } from '../domain/world/apply.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import type { Step } from '../domain/world/step.ts';
import type { OpenedWorld } from './open-world.ts';

/** A stage to lay over the world, after those before it. */
export interface StageToSimulate {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Every call through the world and its stages; `calls` holds only those that are not ok everywhere, worst first. */
export interface SimulationResult extends ResultHead, Simulation {
  readonly cluster: string;
  /** How many calls were followed in all. */
  readonly followed: number;
  readonly callCoverage: CallCoverage;
  /** Rows of calls files and references in objects that could not be used, each with the reason. */
  readonly unresolved: CallGraph['unresolved'];
}

/** Follows each call through the world as it is, with its overlays, and after each stage in turn. */
export function runSimulation(opened: OpenedWorld, stages: readonly StageToSimulate[]): SimulationResult {
  const worlds = [...startingWorlds(opened), ...stageWorlds(opened, stages)];
  const simulation = simulate(opened.graph, worlds);
  return {
    ...opened.headFor('Simulation'),
    ...simulation,
    cluster: opened.world.cluster,
    followed: simulation.calls.length,
    calls: simulation.calls.filter((call) => !isOkEverywhere(call)).sort(compareSimulated),
    callCoverage: callCoverage(opened.world, opened.graph),
    unresolved: opened.graph.unresolved,
  };
}

/** Whether a call breaks that did not break in the first world; with one world, whether any breaks. */
export function breaksCalls({ calls }: Pick<Simulation, 'calls'>): boolean {
  return calls.some(({ fates }) => {
    const [first, ...later] = fates.map((fate) => cutsCalls(fate.verdict));
    return later.length === 0 ? first === true : first === false && later.includes(true);
  });
}

function startingWorlds({ base, world }: OpenedWorld): NamedWorld[] {
  const now = { id: 'now', title: 'the world as it was read', world: base };
  return base === world ? [now] : [now, { id: 'overlay', title: 'with the overlays laid over it', world }];
}

function stageWorlds({ world }: OpenedWorld, stages: readonly StageToSimulate[]): NamedWorld[] {
  let current = world;
  return stages.map(({ id, title, steps }) => {
    current = applyChange(current, { id, steps }, admitPod).world;
    return { id, title, world: current };
  });
}
