import { asNumber, at } from '../../lib/json.ts';
import { groupBy } from '../../lib/order.ts';
import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom } from './derived.ts';
import { known } from './fact.ts';
import { foldOf, shapeOf } from './fold-pods.ts';
import { readPodShape, type PodShape } from './pod-shape.ts';
import { isProxyContainer } from './proxy-containers.ts';
import { controllerOf } from './workload-owners.ts';
import type { Cohort, Workload } from './workload.ts';
import type { World } from './world.ts';

/**
 * A workload known by its pods alone, by its key `Kind/name`: what it creates next is what the template of its newest
 * ReplicaSet says. Where no template was read, the next pods look like the largest cohort and say that this is not sure.
 */
export function workloadOfPods(world: World, key: string, pods: readonly KubeObject[]): Workload {
  const live = cohortsOfPods(pods);
  const [largest] = live;
  const [object] = pods;
  if (largest === undefined || object === undefined) throw new Error(`no pods for ${key}`);
  const slash = key.indexOf('/');
  const namespace = object.metadata.namespace ?? '';
  const owner: Owner = { namespace, kind: key.slice(0, slash), name: key.slice(slash + 1) };
  const template = newestTemplate(world, owner);
  const shape = template ?? largest.pod;
  const unread = template === undefined ? whyUnread(world, owner, live) : undefined;
  return {
    ...owner,
    serviceAccount: shape.serviceAccount,
    template: shape,
    replicas: known(live.reduce((sum, cohort) => sum + cohort.pods, 0)),
    live: known(live),
    next: { id: 'next', state: 'next', pods: 0, ready: 0, pod: shape, ...(unread === undefined ? {} : { unread }) },
    suspended: false,
    object,
  };
}

/** The live cohorts of a workload's folded pods, largest first. */
export function cohortsOfPods(pods: readonly KubeObject[]): readonly Cohort[] {
  const all = pods.map((pod): Cohort => {
    const fold = foldOf(pod);
    return {
      id: fold.example,
      state: 'live',
      pods: fold.pods,
      ready: fold.ready,
      pod: shapeOf(pod),
      example: fold.example,
    };
  });
  return all.sort((left, right) => right.pods - left.pods || (left.id < right.id ? -1 : 1));
}

interface Owner {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

const REVISIONS = ['deployment.kubernetes.io/revision', 'rollout.argoproj.io/revision'] as const;
/** Labels that controllers add to the templates of their ReplicaSets. */
const HASH = /^(rollouts-)?pod-template-hash$/;

/** What the newest ReplicaSet of an unread owner creates; undefined where none was read, or which is newest is not known. */
function newestTemplate(world: World, { namespace, kind, name }: Owner): PodShape | undefined {
  const { objects, gap } = world.listIn(KIND.replicaSet, namespace);
  if (gap !== undefined) return undefined;
  const own = derivedFrom(objects, byController).get(`${kind}/${name}`) ?? [];
  const newest = own.length > 1 ? ofHighestRevision(own) : own[0];
  const raw = at(newest?.spec, 'template');
  if (raw === undefined) return undefined;
  const shape = readPodShape(at(raw, 'metadata'), at(raw, 'spec'));
  const labels = Object.fromEntries(Object.entries(shape.labels).filter(([label]) => !HASH.test(label)));
  return { ...shape, labels };
}

function byController(objects: readonly KubeObject[]): ReadonlyMap<string, readonly KubeObject[]> {
  return groupBy(objects, (object) => {
    const owner = controllerOf(object);
    return owner === undefined ? '' : `${owner.kind}/${owner.name}`;
  });
}

function ofHighestRevision(replicaSets: readonly KubeObject[]): KubeObject | undefined {
  const numbered = replicaSets.map((object) => ({ object, revision: revisionOf(object) }));
  const [first, second] = numbered.sort((left, right) => right.revision - left.revision);
  const isClear = numbered.every(({ revision }) => revision > 0) && first?.revision !== second?.revision;
  return isClear ? first?.object : undefined;
}

function revisionOf({ metadata }: KubeObject): number {
  const written = REVISIONS.map((key) => metadata.annotations[key]).find((value) => value !== undefined);
  return asNumber(Number(written ?? '0')) ?? 0;
}

/**
 * Why nobody knows what is created next: a template of a known kind was not read, or an operator makes pods whose own
 * part cannot be told from what admission added. A pod that nobody owns is its own template.
 */
function whyUnread(world: World, owner: Owner, live: readonly Cohort[]): string | undefined {
  if (owner.kind === 'Pod') return undefined;
  const kind = CONTROLLER_KINDS.find((candidate) => candidate.slice(candidate.lastIndexOf('/') + 1) === owner.kind);
  if (kind !== undefined) {
    const gap = world.listIn(kind, owner.namespace).gap ?? 'there is no such object';
    return `the template of ${owner.kind} ${owner.name} was not read: ${gap}`;
  }
  const isMarked = live.some(({ pod }) => bearsMarks(pod));
  return isMarked
    ? `no template of ${owner.kind} ${owner.name} is known, and its pods show what a mesh added too`
    : undefined;
}

/** Whether a mesh's admission or somebody by hand may have changed the pod since its owner made it. */
function bearsMarks(pod: PodShape): boolean {
  if (pod.labels['istio.io/dataplane-mode'] !== undefined) return true;
  return [...pod.containers, ...pod.initContainers].some(({ name }) => isProxyContainer(name, pod));
}
