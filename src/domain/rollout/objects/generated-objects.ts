import type { KubeObject } from '../../kubernetes/object.ts';
import { asTextMap, at } from '../../../lib/json.ts';
import { fnvHex } from '../fnv.ts';
import type { Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const LONGEST_NAME = 253;

/** The labels by which objects of a plan are known again when a rollout is planned anew. */
export const MANAGED_LABELS: Readonly<Record<string, string>> = { [MANAGED_BY]: 'meshwise' };

/** Whether an earlier plan made the object. */
export function isOurs(object: KubeObject): boolean {
  return object.metadata.labels[MANAGED_BY] === 'meshwise';
}

/** The name of an object that a plan makes for a workload, as `cart-callers`; with its kind where two share a name. */
export function nameFor(world: World, workload: Workload, suffix: string): string {
  const namesakes = workloadsIn(world, workload.namespace).filter(({ name }) => name === workload.name);
  const stem = namesakes.length > 1 ? `${workload.name}-${workload.kind.toLowerCase()}` : workload.name;
  const name = `${stem}-${suffix}`;
  return name.length <= LONGEST_NAME
    ? name
    : `${stem.slice(0, LONGEST_NAME - suffix.length - 10)}-${fnvHex(stem)}-${suffix}`;
}

/**
 * The labels that select the workload's pods: its own selector, or its template's labels where that has none. Empty
 * where the pods have no labels of their own; a policy with that selector would hold for the whole namespace.
 */
export function selectorLabels(workload: Workload): Readonly<Record<string, string>> {
  const own = asTextMap(at(workload.object.spec, 'selector', 'matchLabels'));
  const hasExpressions = at(workload.object.spec, 'selector', 'matchExpressions') !== undefined;
  if (Object.keys(own).length > 0 && !hasExpressions) return own;
  return Object.fromEntries(Object.entries(workload.template.labels).filter(([key]) => !key.includes('istio.io/')));
}

/** Other workloads of the namespace whose pods the same labels select. */
export function alsoSelected(world: World, workload: Workload): readonly Workload[] {
  const labels = Object.entries(selectorLabels(workload));
  return workloadsIn(world, workload.namespace).filter(
    (other) =>
      !(other.kind === workload.kind && other.name === workload.name) &&
      labels.every(([key, value]) => other.template.labels[key] === value),
  );
}
