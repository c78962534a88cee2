import { usageError } from '../../lib/errors.ts';
import { asObject, asTextMap, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import {
  formatRef,
  kindOf,
  refOf,
  type Kind,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
} from '../kubernetes/object.ts';
import type { CoverageEntry } from './coverage.ts';
import { mergeFields } from './merge-fields.ts';
import { withBuckets } from './object-world.ts';
import type { PodShape } from './pod-shape.ts';
import { remade } from './remade-pods.ts';
import type { ApplyStep, Change, ExternalStep, Manifest, RestartStep, Step } from './step.ts';
import { findWorkload } from './workloads-of.ts';
import type { World } from './world.ts';

/** What the cluster's admission makes of a pod created now, and what was assumed; no pod where that is not known. */
export type AdmitPod = (
  namespace: string,
  pod: PodShape,
  world: World,
) => { readonly pod: PodShape | undefined; readonly assumptions: readonly string[] };

export interface Applied {
  readonly world: World;
  /** What was taken for granted about controllers and admission, sorted; each becomes an exit condition of a stage. */
  readonly assumptions: readonly string[];
}

const TEMPLATED: ReadonlySet<Kind> = new Set<Kind>([
  KIND.deployment,
  KIND.statefulSet,
  KIND.daemonSet,
  KIND.replicaSet,
  KIND.job,
  KIND.cronJob,
]);

/**
 * The world after a change, step by step, as the API server and one field manager would have it. Shares with the given
 * world whatever the change does not touch. Throws a usage error for a partial object that the world lacks.
 */
export function applyChange(world: World, change: Change, admitPod: AdmitPod): Applied {
  const assumptions = new Set<string>();
  let current = world;
  for (const step of together(change.steps)) {
    const applied = isRestart(step) ? restart(current, step, admitPod) : applyStep(current, step, change.id);
    current = applied.world;
    for (const assumption of applied.assumptions) assumptions.add(assumption);
  }
  return { world: current, assumptions: [...assumptions].sort() };
}

type Single = Exclude<Step, RestartStep>;
type Restarts = readonly RestartStep[];

function isRestart(step: Single | Restarts): step is Restarts {
  return Array.isArray(step);
}

/** The steps in their order, restarts of one namespace that follow each other as one. */
function together(steps: readonly Step[]): readonly (Single | Restarts)[] {
  const found: (Single | RestartStep[])[] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (step.step !== 'restart') found.push(step);
    else if (Array.isArray(last) && last[0]?.workload.namespace === step.workload.namespace) last.push(step);
    else found.push([step]);
  }
  return found;
}

function applyStep(world: World, step: Single, by: string): Applied {
  switch (step.step) {
    case 'apply':
      return settled(replaceOne(world, applyManifest(world, step, by)));
    case 'patch':
      return settled(replaceOne(world, patchObject(world, step.target, step.patch)));
    case 'delete':
      return settled(removeOne(world, step.target));
    case 'external':
      return external(world, step, by);
  }
}

function settled(world: World): Applied {
  return { world, assumptions: [] };
}

function applyManifest(world: World, { manifest, whole }: ApplyStep, by: string): KubeObject {
  const kind = kindOf(manifest);
  const ref: ObjectRef = {
    kind,
    name: manifest.metadata.name,
    ...(manifest.metadata.namespace === undefined ? {} : { namespace: manifest.metadata.namespace }),
  };
  const existing = world.get(ref);
  if (existing !== undefined)
    return whole === undefined ? merged(existing, manifest) : edited(existing, manifest, whole);
  if (
    TEMPLATED.has(kind) &&
    at(manifest.spec, 'template') === undefined &&
    at(manifest.spec, 'jobTemplate') === undefined
  ) {
    throw usageError(
      'partial-object',
      `${formatRef(ref)} is only part of an object, and there is none to merge it into`,
      'give the whole manifest, or the files that it is a patch for',
    );
  }
  return created(manifest, by);
}

function created(manifest: Manifest, by: string): KubeObject {
  const { metadata, ...rest } = manifest;
  const meta: ObjectMeta = {
    name: metadata.name,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ownerReferences: [],
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  };
  return { ...rest, metadata: meta, origin: { from: 'planned', by } };
}

function patchObject(world: World, target: ObjectRef, patch: JsonObject): KubeObject {
  const existing = world.get(target);
  if (existing === undefined) {
    throw usageError('patch-target-missing', `${formatRef(target)} is to be patched and is not there`);
  }
  return merged(existing, patch);
}

/** The object as its manager now has it; what controllers wrote into its status is not the manager's. */
function edited(existing: KubeObject, manifest: Manifest, whole: 'object' | 'body'): KubeObject {
  const { metadata, status } = existing;
  const { labels = {}, annotations = {} } = manifest.metadata;
  const kept = whole === 'object' ? { labels: {}, annotations: {} } : metadata;
  const bare = { ...metadata, labels: kept.labels, annotations: kept.annotations };
  const { apiVersion, kind, origin } = existing;
  const emptied: KubeObject = {
    apiVersion,
    kind,
    origin,
    metadata: bare,
    ...(status === undefined ? {} : { status }),
    ...(kindOf(existing) === KIND.service ? { spec: addressOf(existing) } : {}),
  };
  return merged(emptied, { ...manifest, metadata: { labels, annotations } });
}

/** The API server gives a Service its address once, none to a headless one, and no edit takes it away. */
function addressOf({ spec }: KubeObject): JsonObject {
  const { clusterIP, clusterIPs } = asObject(spec) ?? {};
  return { ...(clusterIP === undefined ? {} : { clusterIP }), ...(clusterIPs === undefined ? {} : { clusterIPs }) };
}

/** The object keeps its creation time and origin: it is the same object with other fields. */
function merged(existing: KubeObject, applied: JsonObject): KubeObject {
  const { metadata, apiVersion: _apiVersion, kind: _kind, status: _status, ...fields } = applied;
  const { metadata: before, ...body } = existing;
  const after = mergeFields(body, fields, existing.apiVersion);
  const meta = asObject(metadata);
  const labels = mergeFields(before.labels, asObject(meta?.['labels']) ?? {}, existing.apiVersion);
  const annotations = mergeFields(before.annotations, asObject(meta?.['annotations']) ?? {}, existing.apiVersion);
  return {
    ...after,
    apiVersion: existing.apiVersion,
    kind: existing.kind,
    origin: existing.origin,
    metadata: { ...before, labels: asTextMap(labels), annotations: asTextMap(annotations) },
  };
}

function replaceOne(world: World, object: KubeObject): World {
  const kind = kindOf(object);
  const namespace = object.metadata.namespace ?? '';
  const others = world.listIn(kind, namespace).objects.filter((other) => other.metadata.name !== object.metadata.name);
  return withBuckets(world, new Map([[kind, new Map([[namespace, [...others, object]]])]]));
}

function removeOne(world: World, target: ObjectRef): World {
  const namespace = target.namespace ?? '';
  const others = world.listIn(target.kind, namespace).objects.filter((other) => other.metadata.name !== target.name);
  return withBuckets(world, new Map([[target.kind, new Map([[namespace, others]])]]));
}

/**
 * All live pods of each workload give way to pods of its template, as admission makes them at this moment. The steps
 * are of one namespace; as each touches only its own pods, they are looked up once for all of them.
 */
function restart(world: World, steps: readonly RestartStep[], admitPod: AdmitPod): Applied {
  const namespace = steps[0]?.workload.namespace ?? '';
  const before = world.listIn(KIND.pod, namespace).objects;
  const assumptions: string[] = [];
  let pods = before;
  for (const { workload: ref } of steps) {
    const kind = ref.kind.slice(ref.kind.lastIndexOf('/') + 1);
    const workload = findWorkload(world, { namespace, kind, name: ref.name });
    const made = workload === undefined ? undefined : remade(pods, workload, (pod) => admitPod(namespace, pod, world));
    if (made === undefined) continue;
    pods = made.pods;
    assumptions.push(...made.assumptions);
  }
  if (pods === before) return settled(world);
  return { world: withBuckets(world, new Map([[KIND.pod, new Map([[namespace, pods]])]])), assumptions };
}

function external(world: World, step: ExternalStep, by: string): Applied {
  let current = world;
  for (const object of step.expect) {
    if (current.get(refOf(object)) === undefined)
      current = replaceOne(current, { ...object, origin: { from: 'assumed', by } });
  }
  const changes = step.expectChanges ?? [];
  for (const { target, fields } of changes) current = replaceOne(current, patchObject(current, target, fields));
  const served = new Set(step.expectKinds);
  const kept = current.coverage.entries.map((entry) => (served.has(entry.kind) ? nowServed(entry) : entry));
  const facts = { coverage: { ...current.coverage, entries: kept } };
  const assumptions = [
    ...step.expect.map((object) => `${formatRef(refOf(object))} exists after: ${step.title}`),
    ...changes.map(({ target }) => `${formatRef(target)} is changed as foreseen after: ${step.title}`),
  ];
  return { world: withBuckets(current, new Map(), facts), assumptions };
}

/** A kind that the cluster did not serve has no objects at the moment when it begins to be served. */
function nowServed(entry: CoverageEntry): CoverageEntry {
  return entry.state === 'absent' ? { ...entry, state: 'read' } : entry;
}
