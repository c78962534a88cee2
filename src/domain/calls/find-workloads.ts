import { selectorMatcher, type LabelSelector } from '../kubernetes/label-selector.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { derivedFrom } from '../world/derived.ts';
import type { PodShape } from '../world/pod-shape.ts';
import { cohortsOf, type Workload } from '../world/workload.ts';
import { workloadsIn, workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';

/** A workload with those of its pods, live or next, that a selector picks. */
export interface SelectedWorkload {
  readonly workload: Workload;
  readonly pods: readonly PodShape[];
}

type ByLabel = ReadonlyMap<string, readonly Workload[]>;

const NONE: readonly Workload[] = [];

/** The workloads of that name in all namespaces, of whatever kind. */
export function workloadsNamed(world: World, name: string): readonly Workload[] {
  return derivedFrom(world, indexByName).get(name) ?? NONE;
}

function indexByName(world: World): ReadonlyMap<string, readonly Workload[]> {
  return indexBy(workloadsOf(world), (workload) => [workload.name]);
}

/** The workloads of a namespace of which the selector picks a live pod or what the template would create next. */
export function workloadsSelected(
  world: World,
  namespace: string,
  selector: LabelSelector,
): readonly SelectedWorkload[] {
  const matches = selectorMatcher(selector);
  return candidates(workloadsIn(world, namespace), selector).flatMap((workload) => {
    const pods = podsOf(workload).filter((pod) => matches(pod.labels));
    return pods.length === 0 ? [] : [{ workload, pods }];
  });
}

/** The shapes that the pods of a workload have or will have, each once. */
export function podsOf(workload: Workload): readonly PodShape[] {
  return [...new Set(cohortsOf(workload).map((cohort) => cohort.pod))];
}

/** The labels of a namespace, with the name that the API server adds to all. */
export function namespaceLabels(world: World, namespace: string): Readonly<Record<string, string>> {
  const labels = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
  return { ...labels, 'kubernetes.io/metadata.name': namespace };
}

function candidates(workloads: readonly Workload[], selector: LabelSelector): readonly Workload[] {
  const pairs = Object.entries(selector.matchLabels);
  if (pairs.length === 0) return workloads;
  const index: ByLabel = derivedFrom(workloads, indexByLabel);
  return pairs
    .map(([key, value]) => index.get(labelKey(key, value)) ?? NONE)
    .reduce((best, list) => (list.length < best.length ? list : best));
}

function indexByLabel(workloads: readonly Workload[]): ByLabel {
  return indexBy(workloads, (workload) =>
    podsOf(workload).flatMap((pod) => Object.entries(pod.labels).map(([key, value]) => labelKey(key, value))),
  );
}

function indexBy(
  workloads: readonly Workload[],
  keysOf: (workload: Workload) => readonly string[],
): ReadonlyMap<string, readonly Workload[]> {
  const index = new Map<string, Workload[]>();
  for (const workload of workloads) {
    for (const key of new Set(keysOf(workload))) {
      const list = index.get(key);
      if (list === undefined) index.set(key, [workload]);
      else list.push(workload);
    }
  }
  return index;
}

function labelKey(key: string, value: string): string {
  return `${key}=${value}`;
}
