import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import type { RolloutPlan } from '../../../../src/domain/rollout/plan.ts';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { Step } from '../../../../src/domain/world/step.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS } from '../shop.ts';

const INSTALLS: ReadonlySet<string> = new Set(['control-plane', 'node-agents']);

/** A plan towards ambient mode. */
export function ambientPlan(
  world: World,
  rows: readonly CallRow[] = SHOP_CALLS,
  more: Partial<RolloutInput> = {},
): RolloutPlan {
  return planOf(world, rows, { target: 'istio-ambient', ...more });
}

/** The world after all stages of the plan up to and including the one of that id; all of them without one. */
export function carriedOut(world: World, plan: RolloutPlan, last?: string): World {
  let current = world;
  for (const stage of plan.stages) {
    if (stage.state === 'ready' || stage.state === 'waived')
      current = applyChange(current, { id: stage.id, steps: stage.steps }, admitPod).world;
    if (stage.id === last) break;
  }
  return current;
}

/** The steps that install Istio in ambient mode, as a plan writes them. */
export function ambientInstall(): readonly Step[] {
  return ambientPlan(worldFrom(SHOP))
    .stages.filter(({ id }) => INSTALLS.has(id))
    .flatMap((stage) => stage.steps);
}

/** These objects in a cluster in which Istio runs in ambient mode, and nothing is enrolled yet. */
export function inAmbientCluster(objects: readonly JsonObject[] = SHOP): World {
  return applyChange(worldFrom(objects), { id: 'installed', steps: ambientInstall() }, admitPod).world;
}

/** A DaemonSet by which the network plugin is known as one that enforces NetworkPolicies. */
export const CALICO: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: { hostNetwork: true, containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.31.0' }] },
    },
  },
};

/** A NetworkPolicy of that name in the namespace. */
export function networkPolicy(namespace: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}
