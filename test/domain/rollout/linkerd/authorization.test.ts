import { describe, expect, test } from 'vitest';
import type { Manifest, Step } from '../../../../src/domain/world/step.ts';
import { asObject, type JsonObject } from '../../../../src/lib/json.ts';
import { SHOP, SHOP_CALLS, stageOf } from '../shop.ts';
import { manifest } from '../traps/trap-objects.ts';
import { obstaclesOf } from '../traps/trap-world.ts';
import { after, linkerdPlan, scene, worldAfter } from './run-plan.ts';

test('the replay judges every known call in the world that the deny will meet, with its policies and proxies there', () => {
  const plan = linkerdPlan(scene(SHOP, SHOP_CALLS));
  for (const namespace of ['pay', 'shop']) {
    const [result = ''] = stageOf(plan, `shadow-${namespace}`).notes;
    expect(result).toMatch(/^Replayed [1-9]\d* known calls against [1-9]\d* objects: none of them gets worse\.$/);
  }
});

test('a deny is the whole Server that the plan wrote, edited, and its rollback lets every identity in again', () => {
  const plan = linkerdPlan(scene(SHOP, SHOP_CALLS));
  const written = stageOf(plan, 'strict-shop').steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
  const deny = stageOf(plan, 'deny-shop');
  const servers = written.filter(({ kind }) => kind === 'Server');
  expect(servers.length).toBeGreaterThan(0);
  const denied = servers.map(({ spec, ...rest }) => ({ ...rest, spec: { ...asObject(spec), accessPolicy: 'deny' } }));
  expect(deny.steps).toHaveLength(denied.length);
  expect(deny.steps).toEqual(expect.arrayContaining(denied.map((manifest) => ({ step: 'apply', manifest }))));
  const undone = JSON.stringify(deny.rollback.steps);
  expect(undone.split('"accessPolicy":"all-authenticated"')).toHaveLength(servers.length + 1);
  expect(undone).not.toContain('"delete"');
});

const GROUP = 'policy.linkerd.io';

/** An authorization of others for whoever has an identity of the mesh, on that target. */
function everyIdentity(targetRef: JsonObject): readonly JsonObject[] {
  return [
    manifest(`${GROUP}/v1alpha1 MeshTLSAuthentication`, 'pay/everybody', { identities: ['*'] }),
    manifest(`${GROUP}/v1alpha1 AuthorizationPolicy`, 'pay/everybody', {
      targetRef,
      requiredAuthenticationRefs: [{ group: GROUP, kind: 'MeshTLSAuthentication', name: 'everybody' }],
    }),
  ];
}

const ON_NAMESPACE = everyIdentity({ kind: 'Namespace', name: 'pay' });
const ON_SERVER = everyIdentity({ group: GROUP, kind: 'Server', name: 'payments-port-8080' });
const LETS_IN = 'pay/Deployment/payments port 8080 would still not surely refuse mutual TLS from any namespace';

describe.each([
  ['the namespace', ON_NAMESPACE],
  ['the Server', ON_SERVER],
])('a policy of others on %s that admits every identity', (_, theirs) => {
  test('blocks the deny that would have no effect, and names the port', () => {
    const deny = stageOf(linkerdPlan(scene([...SHOP, ...theirs], SHOP_CALLS)), 'deny-pay');
    expect(deny.state).toBe('blocked');
    expect(obstaclesOf(deny)).toContain(LETS_IN);
  });

  test('blocks it also where every Server denies already, which alone is not deny-by-default', () => {
    const shop = scene(SHOP, SHOP_CALLS);
    const denied = worldAfter(shop.world, linkerdPlan(shop));
    const opened = after(denied, theirs.map(toStep));
    const [alone, deny] = [denied, opened].map((world) => stageOf(linkerdPlan({ ...shop, world }), 'deny-pay'));
    expect([alone?.state, deny?.state]).toEqual(['done', 'blocked']);
    expect(deny === undefined ? '' : obstaclesOf(deny)).toContain(LETS_IN);
  });
});

function toStep(object: JsonObject): Step {
  return { step: 'apply', manifest: object as unknown as Manifest };
}
