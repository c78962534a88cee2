import { at } from '../../lib/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { controllerOf, countPod, enterClass, foldedClasses, isFinished, occurrenceOf } from './pod-classes.ts';
import type { PodClasses } from './pod-classes.ts';
import type { PodFold } from './pod-fold.ts';
import { readPodShape, type PodShape } from './pod-shape.ts';

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
  const classes: PodClasses = new Map();
  const rest: KubeObject[] = [];
  for (const object of objects) {
    if (object.apiVersion !== 'v1' || object.kind !== 'Pod' || object['fold'] !== undefined) rest.push(object);
    else if (!isFinished(object.status)) {
      countPod(enterClass(classes, object), occurrenceOf(object.metadata, object.spec, object.status));
    }
  }
  return [...rest, ...foldedClasses(classes)];
}

function foldAlone(pod: KubeObject): PodFold {
  const owner = controllerOf(pod);
  const { name, ready, node } = occurrenceOf(pod.metadata, pod.spec, pod.status);
  return {
    pods: 1,
    ready: ready ? 1 : 0,
    example: name,
    nodes: node === undefined ? [] : [{ node, pods: 1 }],
    ...(owner === undefined ? {} : { owner }),
  };
}
