import { expect, test } from 'vitest';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import { namespace, service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf, statesOf } from './shop.ts';

const MESH = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'some', namespace: 'other' },
  spec: {},
};

test('where AuthorizationPolicies could not be read, no policy of the plan is enforced', () => {
  const plan = planOf(worldFrom([...SHOP, MESH], { forbidden: [KIND.authorizationPolicy] }), SHOP_CALLS);
  const enforced = plan.stages.filter(
    ({ kind, state }) => (kind === 'allow' || kind === 'deny') && state !== 'blocked' && state !== 'outline',
  );
  expect(enforced).toEqual([]);
});

test('where PeerAuthentications could not be read, STRICT is not ready', () => {
  const plan = planOf(worldFrom([...SHOP, MESH], { forbidden: [KIND.peerAuthentication] }), SHOP_CALLS);
  expect(['blocked', 'outline']).toContain(stageOf(plan, 'strict-shop').state);
  expect(['blocked', 'outline']).toContain(stageOf(plan, 'strict-pay').state);
});

test('where running pods could not be read, nobody is enrolled on the word of a template', () => {
  const plan = planOf(worldFrom(SHOP, { forbidden: [KIND.pod], pods: false }), SHOP_CALLS);
  expect(plan.stages.filter(({ kind, state }) => kind === 'enrol' && state === 'ready')).toEqual([]);
  expect(plan.leftOut.find(({ what }) => what === 'shop/Deployment/cart')?.reason).toContain(
    'running pods are not known',
  );
});

test('an unknown caller that was seen keeps its port open instead of being refused', () => {
  const plan = planOf(worldFrom(SHOP), [...SHOP_CALLS, row('nobody.nowhere', 'payments.pay')]);
  expect(JSON.stringify(stageOf(plan, 'strict-exceptions-pay').steps)).toContain(
    '"portLevelMtls":{"8080":{"mode":"PERMISSIVE"}}',
  );
  expect(
    plan.exceptions.some(({ workload: { name }, layer }) => name === 'payments' && layer === 'authorization'),
  ).toBe(true);
});

test('a workload with the sidecar of another mesh is left out', () => {
  const linkerd = {
    containers: [
      { name: 'app', image: 'a:1' },
      { name: 'linkerd-proxy', image: 'proxy:1' },
    ],
  };
  const choices = { ...NO_CHOICES, coexist: [{ mesh: 'linkerd' as const, reason: 'it leaves next year' }] };
  const plan = planOf(worldFrom([...SHOP, workload('shop', 'old', { podSpec: linkerd })]), SHOP_CALLS, { choices });
  expect(plan.leftOut.find(({ what }) => what === 'shop/Deployment/old')?.reason).toContain('linkerd-proxy');
});

test('the policies of others are never rewritten because they bear a name of the plan', () => {
  const theirs = {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'namespace-default', namespace: 'pay' },
    spec: { action: 'DENY', rules: [{ to: [{ operation: { ports: ['9999'] } }] }] },
  };
  const plan = planOf(worldFrom([...SHOP, theirs]), SHOP_CALLS);
  expect(stageOf(plan, 'allow-catch-all-pay').state).toBe('blocked');
  expect(stageOf(plan, 'deny-pay').state).toBe('outline');
});

test('a workload policy named default is not taken for the one of the namespace', () => {
  const theirs = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'pay' },
    spec: { selector: { matchLabels: { app: 'payments' } }, mtls: { mode: 'PERMISSIVE' } },
  };
  const plan = planOf(worldFrom([...SHOP, theirs]), SHOP_CALLS);
  const names = plan.stages
    .flatMap(({ steps }) => steps)
    .flatMap((step) =>
      step.step === 'apply' && step.manifest.kind === 'PeerAuthentication' ? [step.manifest.metadata] : [],
    )
    .filter((metadata) => metadata.namespace === 'pay')
    .map(({ name }) => name);
  expect(names).not.toContain('default');
});

test('a server that nobody was seen to call keeps its namespace from STRICT, and only that namespace', () => {
  const objects = [...SHOP, namespace('lab'), workload('lab', 'idle'), service('lab', 'idle')];
  const plan = planOf(worldFrom(objects), SHOP_CALLS);
  expect(stageOf(plan, 'strict-lab').state).toBe('outline');
  expect(statesOf(plan)).toContain('deny-shop: ready');
  expect(statesOf(plan)).toContain('deny-pay: ready');
});
