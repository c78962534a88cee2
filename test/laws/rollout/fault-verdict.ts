import fc from 'fast-check';
import { judge, notConfined, notLively } from './all-laws.ts';
import { plantedRollout } from './obstacles.ts';
import type { Where } from './planted-faults.ts';
import type { Faults } from './rollout-laws.ts';
import { calmRollout } from './rollout-world.ts';

const SIDECAR = 'istio-sidecar';

/** What the laws say of the worlds in which a fault is known to show: of the first that they say anything of. */
export function verdictAt({ of, seed, within, laws }: Where): Faults {
  const which = { seed, numRuns: within };
  if (of === 'calm') {
    return firstFaults(fc.sample(calmRollout(SIDECAR), which), (facts) => [...notLively(facts), ...judge(facts, laws)]);
  }
  return firstFaults(fc.sample(plantedRollout(SIDECAR, of), which), (world) => [
    ...notConfined(world),
    ...judge(world.facts, laws),
  ]);
}

/** A step that cannot be applied speaks against a plan as well. */
function firstFaults<T>(worlds: readonly T[], faultsOf: (world: T) => Faults): Faults {
  for (const world of worlds) {
    try {
      const faults = faultsOf(world);
      if (faults.length > 0) return faults;
    } catch (error) {
      return [`threw: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
  return [];
}
