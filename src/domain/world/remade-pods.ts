import type { KubeObject } from '../kubernetes/object.ts';
import { foldOf } from './fold-pods.ts';
import type { PodShape } from './pod-shape.ts';
import type { Workload } from './workload.ts';

/** The pods, with what was assumed about admission. */
interface Remade {
  readonly pods: readonly KubeObject[];
  readonly assumptions: readonly string[];
}

/**
 * A namespace's pods with those of a workload made anew from its template, as admission makes them; undefined where none
 * of it lives.
 */
export function remade(
  pods: readonly KubeObject[],
  { live, next, template }: Workload,
  admit: (pod: PodShape) => { readonly pod: PodShape | undefined; readonly assumptions: readonly string[] },
): Remade | undefined {
  const examples = new Set(live.known ? live.value.map((cohort) => cohort.id) : []);
  const isOld = (pod: KubeObject): boolean => examples.has(foldOf(pod).example);
  const old = pods.filter(isOld);
  const [first] = old;
  if (first === undefined) return undefined;
  const { pod, assumptions } =
    next.unread === undefined ? admit(template) : { pod: undefined, assumptions: [next.unread] };
  const count = old.reduce((sum, each) => sum + foldOf(each).pods, 0);
  const rest = pods.filter((each) => !isOld(each));
  // What nobody can tell stays with the pods that the template would create next, which resolve to unknown.
  if (pod === undefined) return { pods: rest, assumptions };
  const labels = withTemplateHash(pod.labels, first);
  const made: KubeObject = {
    ...first,
    metadata: { ...first.metadata, labels, annotations: pod.annotations },
    fold: { ...foldOf(first), pods: count, ready: count, shape: { ...pod, labels } },
    origin: { from: 'assumed', by: 'restart' },
  };
  return { pods: [...rest, made], assumptions };
}

/** Where ReplicaSets were not read, this label alone leads from a pod to its Deployment; the old hash serves as well. */
function withTemplateHash(labels: PodShape['labels'], old: KubeObject): PodShape['labels'] {
  const hash = old.metadata.labels['pod-template-hash'];
  return hash === undefined ? labels : { ...labels, 'pod-template-hash': hash };
}
