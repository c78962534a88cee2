import { expect, test } from 'vitest';
import type { Stage, Target } from '../../../src/domain/rollout/plan.ts';
import type { Manifest, Step } from '../../../src/domain/world/step.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { worldFrom } from '../../support/build-world.ts';
import { after, worldAfter } from './linkerd/run-plan.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

/** A policy that a Server without an accessPolicy needs, and that names an authentication which is not there. */
const NOBODY: JsonObject = {
  apiVersion: 'policy.linkerd.io/v1alpha1',
  kind: 'AuthorizationPolicy',
  metadata: { namespace: 'pay', name: 'payments-callers' },
  spec: {
    targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'payments-port-8080' },
    requiredAuthenticationRefs: [{ group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: 'gone' }],
  },
};

const BARE: JsonObject = {
  apiVersion: 'policy.linkerd.io/v1beta3',
  kind: 'Server',
  metadata: { namespace: 'pay', name: 'payments-port-8080' },
  spec: { podSelector: { matchLabels: { app: 'payments' } }, port: 8080, proxyProtocol: 'HTTP/1' },
};

/** A policy of others that refuses the cart at the payments. */
const REFUSES: JsonObject = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { namespace: 'pay', name: 'no-shop' },
  spec: { action: 'DENY', rules: [{ from: [{ source: { namespaces: ['shop'] } }] }] },
};

function strictWorld(target: Target, ...objects: readonly JsonObject[]): World {
  const world = worldFrom(SHOP);
  const strict = worldAfter(world, planOf(world, SHOP_CALLS, { target, goal: 'strict' }));
  const server = { kind: 'policy.linkerd.io/Server' as const, namespace: 'pay', name: 'payments-port-8080' };
  const own = target === 'linkerd' ? after(strict, [{ step: 'delete', target: server }]) : strict;
  return after(
    own,
    objects.map((object): Step => ({ step: 'apply', manifest: object as unknown as Manifest })),
  );
}

/** The deny of the payments, as planned on calls of which so many of a hundred were seen to be refused. */
function denyOfPay(target: Target, world: World, denied: number): Stage {
  const rows = SHOP_CALLS.map((each) => (each.service === 'payments' ? { ...each, denied } : each));
  return stageOf(planOf(world, rows, { target }), 'deny-pay');
}

test.each<[Target, readonly JsonObject[]]>([
  ['linkerd', [BARE, NOBODY]],
  ['istio-sidecar', [REFUSES]],
  ['istio-ambient', [REFUSES]],
])('towards %s, deny waits for a caller that was seen and that the cluster refuses today', (target, objects) => {
  const deny = denyOfPay(target, strictWorld(target, ...objects), 1);
  expect(deny.blockedBy.map(({ what }) => what).join()).toMatch(
    /shop\/Deployment\/cart was seen calling pay\/Deployment\/payments port 8080.*, and yet it is refused today: /,
  );
  expect(deny.state).toBe('outline');
  expect(deny.notes.join()).not.toContain('Without any caller');
});

test.each<[Target, readonly JsonObject[]]>([
  ['linkerd', [BARE, NOBODY]],
  ['istio-sidecar', [REFUSES]],
])('towards %s, deny waits for nobody whose every call was seen to be refused', (target, objects) => {
  const deny = denyOfPay(target, strictWorld(target, ...objects), 100);
  expect(deny.blockedBy.map(({ what }) => what).join()).not.toContain('was seen calling');
});
