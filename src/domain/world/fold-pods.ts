import { asBoolean, asObjects, asText, at, asList } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import type { KubeObject, OwnerReference } from '../kubernetes/object.ts';
import { readPodShape, type PodShape } from './pod-shape.ts';

/**
 * Pods that nothing in the rules can tell apart stand in a world as one Pod object with a count: clusters have many
 * pods and few kinds of them.
 */
export interface PodFold {
  readonly pods: number;
  readonly ready: number;
  readonly owner?: OwnerReference;
  /** Name of one of the pods. */
  readonly example: string;
  /** The shape that admission gave pods which were made in simulation; absent for pods that were read. */
  readonly shape?: PodShape;
}

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

/** Collects pods one by one, so that a page of them can be dropped once it was added. */
export interface PodFolder {
  add(pod: KubeObject): void;
  /** The folded Pod objects, in a fixed order. */
  folded(): KubeObject[];
}

interface Group {
  object: KubeObject;
  readonly owner: OwnerReference | undefined;
  pods: number;
  ready: number;
}

/** A new, empty collector. */
export function podFolder(): PodFolder {
  const groups = new Map<string, Group>();
  return {
    add: (pod) => {
      if (isFinished(pod)) return;
      addPod(groups, pod);
    },
    folded: () => [...groups].sort(([left], [right]) => compareText(left, right)).map(([, group]) => toObject(group)),
  };
}

/** The fold of a Pod object; one that was never folded stands for itself. */
export function foldOf(pod: KubeObject): PodFold {
  const fold = at(pod, 'fold') as PodFold | undefined;
  return fold ?? foldAlone(pod);
}

/** The shape of the pods that the object stands for. */
export function shapeOf(pod: KubeObject): PodShape {
  return foldOf(pod).shape ?? readPodShape(pod.metadata, pod.spec);
}

/** The objects with their pods folded; everything else stays as it is, in its order. */
export function foldPods(objects: Iterable<KubeObject>): KubeObject[] {
  const folder = podFolder();
  const rest: KubeObject[] = [];
  for (const object of objects) {
    if (object.apiVersion === 'v1' && object.kind === 'Pod' && object['fold'] === undefined) folder.add(object);
    else rest.push(object);
  }
  return [...rest, ...folder.folded()];
}

function foldAlone(pod: KubeObject): PodFold {
  const owner = controllerOf(pod);
  return {
    pods: 1,
    ready: isReady(pod) ? 1 : 0,
    example: pod.metadata.name,
    ...(owner === undefined ? {} : { owner }),
  };
}

function addPod(groups: Map<string, Group>, pod: KubeObject): void {
  const owner = controllerOf(pod);
  const object = withoutSerials(pod);
  const key = JSON.stringify([
    pod.metadata.namespace,
    owner === undefined ? pod.metadata.name : [owner.kind, owner.name],
    readPodShape(object.metadata, object.spec),
    object.decoded,
  ]);
  const group = groups.get(key) ?? { object, owner, pods: 0, ready: 0 };
  groups.set(key, group);
  group.pods += 1;
  if (isReady(pod)) group.ready += 1;
  // The first by name stands for all, so that the order in which pods arrive leaves no trace.
  if (compareText(object.metadata.name, group.object.metadata.name) < 0) group.object = object;
}

function toObject(group: Group): KubeObject {
  const fold: PodFold = {
    pods: group.pods,
    ready: group.ready,
    example: group.object.metadata.name,
    ...(group.owner === undefined ? {} : { owner: group.owner }),
  };
  return { ...group.object, fold };
}

function withoutSerials(pod: KubeObject): KubeObject {
  const labels = Object.entries(pod.metadata.labels).filter(([key]) => !SERIAL_LABELS.has(key));
  const annotations = Object.entries(pod.metadata.annotations).filter(([key]) => MESH_ANNOTATION.test(key));
  const { uid: _uid, creationTimestamp: _created, managers: _managers, ...metadata } = pod.metadata;
  const { status: _status, ...rest } = pod;
  return {
    ...rest,
    metadata: { ...metadata, labels: sortedEntries(labels), annotations: sortedEntries(annotations) },
    spec: withoutNode(pod.spec),
  };
}

function withoutNode(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null) return spec;
  const { nodeName: _node, hostname: _host, volumes: _volumes, ...rest } = spec as Record<string, unknown>;
  return rest;
}

function sortedEntries(entries: [string, string][]): Record<string, string> {
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}

/** A static pod's owner is its Node, which runs it and makes no other like it. */
function controllerOf(pod: KubeObject): OwnerReference | undefined {
  const owners = pod.metadata.ownerReferences.filter(({ kind }) => kind !== 'Node');
  return owners.find((owner) => owner.controller) ?? owners[0];
}

function isFinished(pod: KubeObject): boolean {
  const phase = asText(at(pod.status, 'phase'));
  return phase === 'Succeeded' || phase === 'Failed';
}

function isReady(pod: KubeObject): boolean {
  const conditions = asObjects(at(pod.status, 'conditions'));
  const ready = conditions.find((condition) => condition['type'] === 'Ready');
  if (ready !== undefined) return ready['status'] === 'True';
  const statuses = asList(at(pod.status, 'containerStatuses'));
  return statuses.length > 0 && statuses.every((status) => asBoolean(at(status, 'ready')) === true);
}
