import { asNumber, asObject, at } from '../../../lib/json.ts';
import { CONTROLLER_KINDS } from '../../kubernetes/kinds.ts';
import type { Kind, ObjectRef } from '../../kubernetes/object.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { countedNewest, workloadAt } from './read-restart.ts';
import { told, type Told } from './tell.ts';

const CONTROLLERS: ReadonlySet<Kind> = new Set<Kind>(CONTROLLER_KINDS);

/**
 * Whether a controller has as many ready pods of its newest template as it asks for, and at least so many. Its own
 * counts tell; where it has none, the pods do.
 */
export function available(world: World, ref: ObjectRef, atLeast = 1): Told {
  if (!CONTROLLERS.has(ref.kind))
    return told('unknown', { object: ref, rule: `a ${ref.kind} runs no pods that could be counted` });
  const workload = workloadAt(world, ref);
  if ('state' in workload) return workload;
  const counted = countsOf(workload);
  if (typeof counted === 'string') return told('unknown', { object: ref, rule: counted });
  const { ready, wanted, newest, isSeen } = counted;
  if (!isSeen) return told('unmet', { object: ref, rule: 'its controller has not yet seen its newest template' });
  if (newest < wanted)
    return told('unmet', {
      object: ref,
      rule: `${String(newest)} of ${String(wanted)} pods are of its newest template`,
    });
  const least = Math.max(wanted, atLeast);
  const rule = `${String(ready)} of ${String(least)} pods are ready`;
  return told(ready >= least ? 'met' : 'unmet', { object: ref, rule });
}

interface Counts {
  readonly ready: number;
  readonly wanted: number;
  readonly newest: number;
  readonly isSeen: boolean;
}

function countsOf(workload: Workload): Counts | string {
  const { object, kind, replicas, live } = workload;
  const counted = countedNewest(workload);
  if (counted !== undefined) {
    const ready = asNumber(at(object.status, kind === 'DaemonSet' ? 'numberReady' : 'readyReplicas')) ?? 0;
    const asked = kind === 'DaemonSet' ? counted.all : replicas.known ? replicas.value : counted.all;
    return { ready, wanted: Math.max(asked, counted.all), newest: counted.updated, isSeen: counted.isSeen };
  }
  if (!live.known) return `its pods are not known: ${live.reason}`;
  if (!replicas.known) return replicas.reason;
  if (live.value.length === 0 && asObject(object.status) === undefined)
    return 'neither its status nor a pod of it is there to be counted';
  const ready = live.value.reduce((sum, cohort) => sum + cohort.ready, 0);
  return { ready, wanted: replicas.value, newest: replicas.value, isSeen: true };
}
