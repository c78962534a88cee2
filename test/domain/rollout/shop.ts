import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { CallGraph, CallRow } from '../../../src/domain/calls/call.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { planRollout } from '../../../src/domain/rollout/plan-rollout.ts';
import type { RolloutInput } from '../../../src/domain/rollout/rollout-input.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { namespace, node, service, workload } from '../../support/build-world.ts';

/** A small shop in two namespaces with nothing in the way of a rollout. */
export const SHOP: readonly JsonObject[] = [
  node('node-1'),
  namespace('shop'),
  namespace('pay'),
  workload('shop', 'front'),
  service('shop', 'front'),
  workload('shop', 'cart'),
  service('shop', 'cart'),
  workload('pay', 'payments'),
  service('pay', 'payments'),
];

/** Who calls whom in the shop. */
export const SHOP_CALLS: readonly CallRow[] = [
  row('front.shop', 'cart.shop'),
  row('cart.shop', 'payments.pay'),
  row('payments.pay', 'front.shop'),
];

/** One observed row: from `workload.namespace` to `service.namespace`, at port 80. */
export function row(from: string, server: string, more: Partial<CallRow> = {}): CallRow {
  const [client = '', clientNamespace = ''] = from.split('.');
  const [name = '', serviceNamespace = ''] = server.split('.');
  return {
    source: 'calls.csv:1',
    clientNamespace,
    client,
    service: name,
    serviceNamespace,
    port: 80,
    protocol: 'http',
    count: 100,
    ...more,
  };
}

/** The calls of a world, watched for ten days by something that sees everybody. */
export function watched(world: World, rows: readonly CallRow[]): CallGraph {
  const window = { from: '2026-10-20T00:00:00Z', to: '2026-10-30T00:00:00Z' };
  return buildCallGraph(world, [{ source: 'calls.csv', window, seesUnmeshed: true, rows }]);
}

/** Plans the world with these calls all the way to deny-by-default, unless said otherwise. */
export function planOf(world: World, rows: readonly CallRow[], more: Partial<RolloutInput> = {}): RolloutPlan {
  return planRollout({
    world,
    graph: watched(world, rows),
    target: 'istio-sidecar',
    goal: 'deny-by-default',
    choices: NO_CHOICES,
    acceptEvidence: 'observed',
    meshwiseVersion: '0.0.0',
    fingerprint: 'none',
    warnings: [],
    ...more,
  });
}

/** Stage ids with their states, in order. */
export function statesOf(plan: RolloutPlan): readonly string[] {
  return plan.stages.map(({ id, state }) => `${id}: ${state}`);
}

/** The stage of that id; fails where there is none. */
export function stageOf(plan: RolloutPlan, id: string): Stage {
  const found = plan.stages.find((stage) => stage.id === id || stage.id.replace(/-[0-9a-f]{4}$/, '') === id);
  if (found === undefined) throw new Error(`no stage ${id} in ${statesOf(plan).join(', ')}`);
  return found;
}
