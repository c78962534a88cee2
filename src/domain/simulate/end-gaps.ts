import type { Call } from '../calls/call.ts';
import { KIND, WORKLOAD_KINDS } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import { formatWorkload, type Workload } from '../world/workload.ts';
import { oncePer } from '../world/derived.ts';
import type { World } from '../world/world.ts';

/**
 * Why pods of the workload may be there, or be created next, that the world does not show: its pods or its template
 * were not read. Undefined where all of them are known.
 */
export function whyPodsMissing(workload: Workload, world: World): string | undefined {
  return podGaps(world, workload);
}

const podGaps = oncePer(findPodGap);

function findPodGap(world: World, workload: Workload): string | undefined {
  const pods = world.listIn(KIND.pod, workload.namespace).gap;
  if (pods !== undefined) return `not all pods of ${formatWorkload(workload)} are known: ${pods}`;
  const kind = WORKLOAD_KINDS.find((candidate) => nameOf(candidate) === workload.kind);
  if (kind === undefined || kind === KIND.pod || workload.object.kind === workload.kind) return undefined;
  const gap = world.listIn(kind, workload.namespace).gap ?? 'there is no such object';
  return `what the template of ${formatWorkload(workload)} creates next is not known: ${gap}`;
}

/** Why others may answer a call to a Service than those that the world shows; undefined where nobody else can. */
export function whyServersMissing({ to }: Pick<Call, 'to'>, world: World): string | undefined {
  if (to.kind !== 'service-port' && to.kind !== 'headless-instance') return undefined;
  const gap = kindGaps(world, to.namespace);
  return gap === undefined ? undefined : `others may answer for Service ${to.namespace}/${to.service}: ${gap}`;
}

const kindGaps = oncePer((world: World, namespace: string) =>
  WORKLOAD_KINDS.map((kind) => world.listIn(kind, namespace).gap).find((found) => found !== undefined),
);

function nameOf(kind: Kind): string {
  return kind.slice(kind.lastIndexOf('/') + 1);
}
