import { countVerdicts } from '../simulate/simulate.ts';
import { compareVerdicts, type Fate } from '../simulate/verdict.ts';
import { compareText } from '../../lib/order.ts';
import type { StageSimulation } from './plan.ts';
import type { Fates } from './simulate-stage.ts';

const SHOWN = 20;

/** The summary of all calls after a stage, each at the worst moment of it, with what the stage opens. */
export function stageSimulation(fates: Fates, worst: Fates, opens: readonly string[]): StageSimulation {
  const all = [...fates].map(([call, settled]) => ({ call, fate: heavier(settled, worst.get(call)) }));
  const notOk = all
    .filter(({ fate }) => fate.verdict !== 'ok')
    .sort((left, right) => compareVerdicts(right.fate.verdict, left.fate.verdict) || compareText(left.call, right.call))
    .slice(0, SHOWN)
    .map(({ call, fate }) => ({ call, verdict: fate.verdict, why: fate.why }));
  return { ...countVerdicts(all.map(({ fate }) => fate)), opens, notOk };
}

function heavier(settled: Fate, worst: Fate | undefined): Fate {
  return worst !== undefined && compareVerdicts(worst.verdict, settled.verdict) > 0 ? worst : settled;
}
