import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import type { Stage } from '../../../../src/domain/rollout/plan.ts';
import { workload } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { linkerdPlan, row, scene } from './run-plan.ts';

function policy(kind: string, name: string, spec: JsonObject): JsonObject {
  const version = kind.endsWith('Authentication') || kind === 'AuthorizationPolicy' ? 'v1alpha1' : 'v1beta3';
  return { apiVersion: `policy.linkerd.io/${version}`, kind, metadata: { name, namespace: 'pay' }, spec };
}

function whatStops({ blockedBy }: Stage): string {
  return blockedBy.map(({ what }) => what).join('\n');
}

describe('a policy of others that lets everybody in on the whole namespace', () => {
  const everybody = policy('NetworkAuthentication', 'all', { networks: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }] });
  const open = policy('AuthorizationPolicy', 'open', {
    targetRef: { kind: 'Namespace', name: 'pay' },
    requiredAuthenticationRefs: [{ group: 'policy.linkerd.io', kind: 'NetworkAuthentication', name: 'all' }],
  });
  const plan = linkerdPlan(scene([...SHOP, everybody, open], SHOP_CALLS));

  test('keeps STRICT and deny from being called ready, and is named', () => {
    const strict = stageOf(plan, 'strict-pay');
    expect(strict.state).toBe('outline');
    expect(whatStops(strict)).toContain('AuthorizationPolicy pay/open');
    expect(stageOf(plan, 'deny-pay').state).toBe('outline');
    expect(stageOf(plan, 'strict-shop').state).toBe('ready');
  });

  test('stands in the register as what holds the port back', () => {
    expect(plan.exceptions).toContainEqual(
      expect.objectContaining({
        ports: [8080],
        reason: expect.stringContaining('AuthorizationPolicy pay/open') as string,
      }),
    );
  });
});

test('a policy without any authentication on a route of an existing Server keeps its port from STRICT', () => {
  const server = policy('Server', 's', {
    podSelector: { matchLabels: { app: 'payments' } },
    port: 8080,
    proxyProtocol: 'HTTP/1',
    accessPolicy: 'all-unauthenticated',
  });
  const route = policy('HTTPRoute', 'r', {
    parentRefs: [{ group: 'policy.linkerd.io', kind: 'Server', name: 's' }],
    rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
  });
  const open = policy('AuthorizationPolicy', 'ra', {
    targetRef: { group: 'policy.linkerd.io', kind: 'HTTPRoute', name: 'r' },
    requiredAuthenticationRefs: [],
  });
  const plan = linkerdPlan(scene([...SHOP, server, route, open], SHOP_CALLS));
  expect(['outline', 'blocked']).toContain(stageOf(plan, 'strict-pay').state);
  expect(['outline', 'blocked']).toContain(stageOf(plan, 'deny-pay').state);
});

describe('a namespace of which no port can be STRICT', () => {
  test('is not done with it, and says for whom its ports stay open', () => {
    const agent = workload('shop', 'agent', { kind: 'DaemonSet', podSpec: { hostNetwork: true } });
    const plan = linkerdPlan(scene([...SHOP, agent], [...SHOP_CALLS, row('agent.shop', 'payments.pay')]));
    const strict = stageOf(plan, 'strict-pay');
    expect(strict.state).toBe('outline');
    expect(whatStops(strict)).toMatch(/pay\/Deployment\/payments port 8080 waits for shop\/DaemonSet\/agent/);
    expect(stageOf(plan, 'deny-pay').state).toBe('outline');
  });
});
