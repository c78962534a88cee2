import { strangersAt, type Door } from '../simulate/strangers.ts';
import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Obstacle } from './plan.ts';

/**
 * The ports that in that world do not surely refuse a caller whom nobody named, with plaintext or with an identity of its
 * own: what is called deny-by-default there is none, whatever the reason.
 */
export function stillAdmitted(world: World, doors: readonly Door[]): readonly Obstacle[] {
  return doors.flatMap((door): readonly Obstacle[] => {
    const [first] = strangersAt(door, world).names;
    if (first === undefined) return [];
    return [
      {
        kind: 'object',
        what: `${formatWorkload(door.workload)} port ${String(door.port)} would still not surely refuse ${first}`,
        remedy: 'change what admits them, or what keeps the policies from being read, and plan again',
      },
    ];
  });
}
