import { unknown } from '../world/fact.ts';
import type { Claim } from './contested.ts';
import type { DataPlane, Mesh } from './mesh.ts';
import { undecided } from './recognised/enrolment.ts';
import { unresolvedCalls } from './recognised/unresolved.ts';

/**
 * What stands before the next pods of a template that nobody read, in a cluster where some mesh is present: one may take
 * the pods, or none, and every answer is unknown for this reason. Undefined where no mesh is there to take them.
 */
export function nextOfUnread(reason: string, present: Mesh | undefined): Claim | undefined {
  if (present === undefined) return undefined;
  const dataPlane: DataPlane = { mesh: 'contested', mode: 'unknown', captured: unknown(reason), native: false, reason };
  const mesh: Mesh = {
    id: 'contested',
    displayName: 'a mesh that is not known',
    detect: (asked) => present.detect(asked),
    enrolment: () => undecided(reason),
    admit: () => ({ pod: undefined, assumptions: [reason] }),
    dataPlane: () => dataPlane,
    ...unresolvedCalls(reason),
  };
  return { mesh, dataPlane };
}
