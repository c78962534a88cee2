import { at } from '../../lib/json.ts';
import { isEmptySelector, matchesSelector, parseLabelSelector } from '../kubernetes/label-selector.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { refOf, type Kind, type KubeObject } from '../kubernetes/object.ts';
import type { Evidence } from '../world/evidence.ts';
import { autoscalersOf } from '../world/platform/autoscalers.ts';
import { quotasOf } from '../world/platform/quotas.ts';
import { cohortsOf, type Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';

/** What else has a say over the pods of a workload: who scales them, evicts them, limits them, or filters their packets. */
export function surroundingsOf(workload: Workload, world: World): readonly Evidence[] {
  return [
    ...scalers(workload, world),
    ...budgets(workload, world),
    ...quotas(workload, world),
    ...networkPolicies(workload, world),
  ];
}

function scalers({ namespace, kind, name }: Workload, world: World): readonly Evidence[] {
  const { horizontal } = autoscalersOf(world);
  const found = horizontal.known ? horizontal.value : [];
  return found
    .filter((scaler) => scaler.namespace === namespace && scaler.target === `${kind}/${name}`)
    .map((scaler) => ({
      object: { kind: KIND.horizontalPodAutoscaler, namespace, name: scaler.name },
      rule: `It keeps between ${String(scaler.min)} and ${scaler.max.known ? String(scaler.max.value) : 'unknown'} pods.`,
    }));
}

function budgets(workload: Workload, world: World): readonly Evidence[] {
  return selecting(workload, world, KIND.podDisruptionBudget).map((object) => {
    const [field, value] = fieldOf(object, 'minAvailable') ?? fieldOf(object, 'maxUnavailable') ?? [];
    return {
      object: refOf(object),
      ...(field === undefined || value === undefined ? {} : { field, value }),
      rule: 'Draining a node asks it before a pod is evicted; a rolling restart does not.',
    };
  });
}

function fieldOf(object: KubeObject, name: string): readonly [string, string] | undefined {
  const value = at(object.spec, name);
  return typeof value === 'number' || typeof value === 'string' ? [`spec.${name}`, String(value)] : undefined;
}

function quotas({ namespace }: Workload, world: World): readonly Evidence[] {
  const found = quotasOf(world);
  return (found.known ? found.value : [])
    .filter((quota) => quota.namespace === namespace)
    .map(({ name, resources, demands }) => ({
      object: { kind: KIND.resourceQuota, namespace, name },
      value: resources.map(({ resource, hard, used }) => `${resource} ${used ?? '?'} of ${hard}`).join(', '),
      rule:
        demands.length === 0
          ? 'A proxy for each pod counts against it.'
          : `A pod is refused where a container, a proxy too, does not say ${demands.join(', ')}.`,
    }));
}

function networkPolicies(workload: Workload, world: World): readonly Evidence[] {
  return selecting(workload, world, KIND.networkPolicy).map((object) => ({
    object: refOf(object),
    rule: 'It picks these pods: what it does not let through is dropped before any proxy sees it.',
  }));
}

/** The objects of the kind in the workload's namespace whose selector picks one of its pods. */
function selecting(workload: Workload, world: World, kind: Kind): readonly KubeObject[] {
  return world.listIn(kind, workload.namespace).objects.filter(({ spec }) => {
    const raw = kind === KIND.networkPolicy ? at(spec, 'podSelector') : at(spec, 'selector');
    const selector = parseLabelSelector(raw);
    // A budget without a selector picks nothing, a policy with an empty one everything.
    if (raw === undefined && kind !== KIND.networkPolicy) return false;
    return isEmptySelector(selector) || cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels));
  });
}
