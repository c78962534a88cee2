import type { CallGraph } from '../../calls/call.ts';
import type { CheckTarget } from '../../checks/check.ts';
import { asObject } from '../../../lib/json.ts';
import type { World } from '../../world/world.ts';
import type { StateCheck } from '../state-check.ts';
import { noBlocker } from './blockers.ts';
import { enrolled, isUnused, portMode } from './data-plane-checks.ts';
import { readAbsence, readPatch } from './read-back.ts';
import { available } from './read-available.ts';
import { readServed } from './read-served.ts';
import { told, together, type Told } from './tell.ts';

/** What a state is looked up in. */
export interface StateContext {
  readonly world: World;
  readonly graph: CallGraph;
  readonly target: CheckTarget;
}

/** The world's answer to a state check; unknown where a fact that it needs was not read. */
export function checkState(check: StateCheck, { world, graph, target }: StateContext): Told {
  switch (check.check) {
    case 'enrolled':
      return allOf(check.workloads, (workload) => enrolled(world, workload, check));
    case 'available':
      return allOf(check.objects, (object) => available(world, object, check.atLeast));
    case 'served':
      return allOf(check.kinds, (kind) => readServed(world, kind));
    case 'port-mode':
      return allOf(check.ports, (port) => portMode(world, { workload: check.workload, port, mode: check.mode }));
    case 'holds':
      return readPatch(world, check.object, asObject(check.fields) ?? {}).told;
    case 'absent':
      return readAbsence(world, check.object).told;
    case 'no-blocker':
      return noBlocker({ world, graph, target, stage: check.stage }, check.namespaces);
    case 'unused-revision':
      return isUnused(world, check.revision);
  }
}

/** Met takes something that was looked at: a check of nothing has no answer. */
function allOf<T>(members: readonly T[], ask: (member: T) => Told): Told {
  if (members.length === 0) return told('unknown', 'the condition names nothing to look at');
  return together(members.map(ask));
}
