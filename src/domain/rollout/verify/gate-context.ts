import type { CallGraph } from '../../calls/call.ts';
import type { World } from '../../world/world.ts';
import type { RolloutPlan, Stage } from '../plan.ts';
import type { MetricAnswers } from './metric-answers.ts';
import type { StageReadings } from './stage-readings.ts';

/** What a gate is judged by. */
export interface GateContext {
  readonly plan: RolloutPlan;
  readonly stage: Stage;
  readonly world: World;
  readonly graph: CallGraph;
  readonly readings: StageReadings;
  readonly answers: MetricAnswers;
  /** Ids of conditions that a person vouches for. */
  readonly confirmed: ReadonlySet<string>;
}
