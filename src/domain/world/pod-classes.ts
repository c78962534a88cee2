import { asBoolean, asList, asObjects, asText, at } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import type { KubeObject, OwnerReference } from '../kubernetes/object.ts';
import type { PodFold, PodsOnNode } from './pod-fold.ts';
import { readPodShape } from './pod-shape.ts';

/** What one pod adds to its class. */
export interface PodOccurrence {
  readonly name: string;
  readonly ready: boolean;
  /** The node that it is on; undefined for one that still waits for a node. */
  readonly node: string | undefined;
}

/** A way into a class: the object that stands for it where it is the first by name. */
export interface ClassEntry {
  readonly group: PodClass;
  readonly object: KubeObject;
}

/** Pods that nothing in the rules can tell apart, while they are counted. */
export interface PodClass {
  object: KubeObject;
  readonly owner: OwnerReference | undefined;
  readonly nodes: Map<string, number>;
  pods: number;
  ready: number;
}

/** The classes seen so far, by what tells them apart. */
export type PodClasses = Map<string, PodClass>;

/** Labels that number a pod among its siblings; no policy of ours selects by them. */
const SERIAL_LABELS: ReadonlySet<string> = new Set([
  'apps.kubernetes.io/pod-index',
  'statefulset.kubernetes.io/pod-name',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
]);

const MESH_ANNOTATION =
  /(^|\.)(istio\.io|linkerd\.io|consul\.hashicorp\.com|kuma\.io|cilium\.io|appmesh\.k8s\.aws|openservicemesh\.io|nginx\.com|prometheus\.io|nginx\.org)\//;

/** Whether a label tells classes of pods apart rather than siblings. */
export function isClassLabel(key: string): boolean {
  return !SERIAL_LABELS.has(key);
}

/** Whether some mesh reads the annotation. */
export function isClassAnnotation(key: string): boolean {
  return MESH_ANNOTATION.test(key);
}

/** The class of an admitted pod, made where it is the first of it. */
export function enterClass(classes: PodClasses, pod: KubeObject): ClassEntry {
  const owner = controllerOf(pod);
  const object = withoutSerials(pod);
  const key = JSON.stringify([
    pod.metadata.namespace,
    owner === undefined ? pod.metadata.name : [owner.kind, owner.name],
    readPodShape(object.metadata, object.spec),
    object.decoded,
    [at(object.spec, 'overhead'), at(object.spec, 'resources')],
  ]);
  const group = classes.get(key) ?? { object, owner, nodes: new Map<string, number>(), pods: 0, ready: 0 };
  classes.set(key, group);
  return { group, object };
}

/** Counts one more pod of the class. The first by name stands for all, so that the order of arrival leaves no trace. */
export function countPod({ group, object }: ClassEntry, { name, ready, node }: PodOccurrence): void {
  group.pods += 1;
  if (ready) group.ready += 1;
  if (node !== undefined) group.nodes.set(node, (group.nodes.get(node) ?? 0) + 1);
  if (compareText(name, group.object.metadata.name) < 0) {
    group.object = { ...object, metadata: { ...object.metadata, name } };
  }
}

/** The Pod objects that stand for the classes, each with its count, in a fixed order. */
export function foldedClasses(classes: PodClasses): KubeObject[] {
  return [...classes].sort(([left], [right]) => compareText(left, right)).map(([, group]) => toObject(group));
}

/** What a pod adds to its class, by its own metadata, spec and status. */
export function occurrenceOf(metadata: unknown, spec: unknown, status: unknown): PodOccurrence {
  const node = asText(at(spec, 'nodeName'));
  return {
    name: asText(at(metadata, 'name')) ?? '',
    ready: isReady(status),
    node: node === '' ? undefined : node,
  };
}

/** Whether a pod with this status has ended and calls nobody any more. */
export function isFinished(status: unknown): boolean {
  const phase = asText(at(status, 'phase'));
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Who makes pods like this one. A static pod's owner is its Node, which runs it and makes no other like it. */
export function controllerOf(pod: KubeObject): OwnerReference | undefined {
  const owners = pod.metadata.ownerReferences.filter(({ kind }) => kind !== 'Node');
  return owners.find((owner) => owner.controller) ?? owners[0];
}

function toObject({ object, owner, nodes, pods, ready }: PodClass): KubeObject {
  const fold: PodFold = {
    pods,
    ready,
    example: object.metadata.name,
    nodes: [...nodes]
      .sort(([left], [right]) => compareText(left, right))
      .map(([node, count]): PodsOnNode => ({ node, pods: count })),
    ...(owner === undefined ? {} : { owner }),
  };
  return { ...object, fold };
}

function withoutSerials(pod: KubeObject): KubeObject {
  const labels = Object.entries(pod.metadata.labels).filter(([key]) => isClassLabel(key));
  const annotations = Object.entries(pod.metadata.annotations).filter(([key]) => isClassAnnotation(key));
  const { uid: _uid, creationTimestamp: _created, managers: _managers, ...metadata } = pod.metadata;
  const { status: _status, ...rest } = pod;
  return {
    ...rest,
    metadata: { ...metadata, labels: sortedEntries(labels), annotations: sortedEntries(annotations) },
    spec: classSpec(pod.spec),
  };
}

/** What is left out here differs between siblings, and no rule asks for it. */
function classSpec(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null) return spec;
  const {
    nodeName: _node,
    hostname: _host,
    volumes: _volumes,
    affinity: _affinity,
    ...rest
  } = spec as Record<string, unknown>;
  return rest;
}

function sortedEntries(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

function isReady(status: unknown): boolean {
  const conditions = asObjects(at(status, 'conditions'));
  const ready = conditions.find((condition) => condition['type'] === 'Ready');
  if (ready !== undefined) return ready['status'] === 'True';
  const statuses = asList(at(status, 'containerStatuses'));
  return statuses.length > 0 && statuses.every((one) => asBoolean(at(one, 'ready')) === true);
}
