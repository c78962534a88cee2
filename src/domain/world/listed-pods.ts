import { asList, asObject, asText, at, type JsonObject } from '../../lib/json.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { countPod, enterClass, foldedClasses, isClassAnnotation, isClassLabel } from './pod-classes.ts';
import { isFinished, occurrenceOf, type ClassEntry, type PodClasses } from './pod-classes.ts';

/** Folds pods as a list brings them, so that a page of them can be dropped once it was added. */
export interface ListedPods {
  /**
   * Counts a raw pod. `admit` gives the object that it becomes, or undefined where it is none; it is asked for the
   * first of each class only, since most pods of a cluster are copies.
   */
  add(raw: JsonObject, admit: (raw: JsonObject) => KubeObject | undefined): void;
  /** The folded Pod objects, in a fixed order. */
  folded(): KubeObject[];
}

/** A new, empty collector. */
export function listedPods(): ListedPods {
  const classes: PodClasses = new Map();
  const entries = new Map<string, ClassEntry>();
  return {
    add: (raw, admit) => {
      const { metadata, spec, status } = raw;
      if (isFinished(status)) return;
      const occurrence = occurrenceOf(metadata, spec, status);
      const key = copyKeyOf(asObject(metadata) ?? {}, asObject(spec) ?? {});
      // Without a name it is no object, whatever its siblings are: admission says so.
      let entry = occurrence.name === '' || key === undefined ? undefined : entries.get(key);
      if (entry === undefined) {
        const pod = admit(raw);
        if (pod === undefined) return;
        entry = enterClass(classes, pod);
        if (key !== undefined) entries.set(key, entry);
      }
      countPod(entry, occurrence);
    },
    folded: () => foldedClasses(classes),
  };
}

/** Undefined where it lies deeper than can be written; admission says so. */
function copyKeyOf(metadata: JsonObject, spec: JsonObject): string | undefined {
  try {
    return copyKey(metadata, spec);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Equal for pods that admission makes equal but for name and node: all that it reads stands in it as it came. */
function copyKey(metadata: JsonObject, spec: JsonObject): string {
  const { nodeName: _node, hostname: _host, volumes: _volumes, affinity: _affinity, ...rest } = spec;
  const { containers, initContainers, ...others } = rest;
  const owners = asList(metadata['ownerReferences']).filter((owner) => asText(at(owner, 'kind')) !== 'Node');
  return JSON.stringify([
    metadata['namespace'],
    owners.length === 0 ? metadata['name'] : owners,
    chosen(metadata['labels'], isClassLabel),
    chosen(metadata['annotations'], isClassAnnotation),
    others,
    asList(containers).map(withoutMounts),
    asList(initContainers).map(withoutMounts),
  ]);
}

function chosen(map: unknown, isChosen: (key: string) => boolean): unknown {
  const object = asObject(map);
  if (object === undefined) return map;
  return Object.entries(object).filter(([key]) => isChosen(key));
}

/** The mount of a pod's own token has another name in each pod. */
function withoutMounts(container: unknown): unknown {
  const object = asObject(container);
  if (object === undefined) return container;
  const { volumeMounts: _mounts, ...rest } = object;
  return rest;
}
