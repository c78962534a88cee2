import { asNumber } from '../../lib/json.ts';
import { groupBy } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from '../world/derived.ts';
import { known, unknown, type Fact } from '../world/fact.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

const REVISIONS = ['deployment.kubernetes.io/revision', 'rollout.argoproj.io/revision'] as const;

/** When the workload was made, RFC 3339; unknown where nobody wrote it down, as in manifests. */
export function createdAt({ object }: Workload): Fact<string> {
  const { creationTimestamp } = object.metadata;
  return creationTimestamp !== undefined && !Number.isNaN(Date.parse(creationTimestamp))
    ? known(creationTimestamp)
    : unknown('no creation time was read');
}

/**
 * Since when the workload has had the template that it has now, RFC 3339: the creation of its newest ReplicaSet, or of
 * the object itself where its spec never changed (generation 1) or cannot change (pods and jobs).
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label.
 */
export function templateSince(world: World, workload: Workload): Fact<string> {
  const { kind, name, object } = workload;
  const isFixed = kind === 'Pod' || kind === 'Job' || object.metadata.generation === 1;
  if (object.kind === kind && isFixed) return createdAt(workload);
  if (kind !== 'Deployment' && kind !== 'Rollout')
    return unknown(`when the template of ${kind} ${name} was last changed is not kept`);
  const { objects, gap } = world.listIn(KIND.replicaSet, workload.namespace);
  if (gap !== undefined) return unknown(gap);
  const newest = newestOf(derivedFrom(objects, byController).get(`${kind}/${name}`) ?? []);
  const since = newest?.metadata.creationTimestamp;
  return since === undefined || Number.isNaN(Date.parse(since))
    ? unknown(`which ReplicaSet of ${kind} ${name} is the newest is not known`)
    : known(since);
}

function byController(objects: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> {
  return groupBy(objects, ({ metadata }) => {
    const owner = metadata.ownerReferences.find(({ controller }) => controller);
    return owner === undefined ? '' : `${owner.kind}/${owner.name}`;
  });
}

/** Undefined where that is not clear, as after a rollback, which takes an older ReplicaSet up again at a time unknown. */
function newestOf(replicaSets: readonly KubeObject[]): KubeObject | undefined {
  const numbered = replicaSets
    .map((object) => ({ object, revision: revisionOf(object), created: createdOf(object) }))
    .sort((left, right) => right.revision - left.revision);
  const [first, ...others] = numbered;
  const isClear = others.every(
    ({ revision, created }) => first !== undefined && revision !== first.revision && created <= first.created,
  );
  return isClear ? first?.object : undefined;
}

function createdOf({ metadata }: KubeObject): number {
  const time = Date.parse(metadata.creationTimestamp ?? '');
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

function revisionOf({ metadata }: KubeObject): number {
  const written = REVISIONS.map((key) => metadata.annotations[key]).find((value) => value !== undefined);
  return asNumber(Number(written ?? '0')) ?? 0;
}
