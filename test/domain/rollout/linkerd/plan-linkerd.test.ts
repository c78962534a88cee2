import { describe, expect, it } from 'vitest';
import { KIND } from '../../../../src/domain/kubernetes/kinds.ts';
import { linkerd } from '../../../../src/domain/mesh/linkerd/linkerd.ts';
import { cohortsOf } from '../../../../src/domain/world/workload.ts';
import { findWorkload } from '../../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { SHOP, SHOP_CALLS, stageOf, statesOf } from '../shop.ts';
import { after, isWritten, linkerdPlan, scene, verdicts, worldAfter } from './run-plan.ts';

const shop = scene(SHOP, SHOP_CALLS);
const plan = linkerdPlan(shop);

function modesOf(world: World, namespace: string, name: string): readonly string[] {
  const workload = findWorkload(world, { namespace, kind: 'Deployment', name });
  if (workload === undefined) throw new Error(`no ${name}`);
  return cohortsOf(workload).map((cohort) => linkerd.portMode({ workload, cohort, port: 8080 }, world).declared);
}

describe('a plan towards Linkerd from no mesh', () => {
  it('has every stage ready where nothing is in the way', () => {
    expect(plan.stages.filter(({ state }) => state !== 'ready')).toEqual([]);
    expect(plan.leftOut).toEqual([]);
  });

  it('brings trust and the control plane, measures, enrols, annotates the namespace, and then goes port by port', () => {
    expect(statesOf(plan).map((line) => line.replace(/(-[0-9a-f]{4})?: ready$/, ''))).toEqual([
      ...['preflight', 'trust', 'control-plane', 'telemetry', 'break-glass', 'scoping'],
      ...['enrol-pay', 'enrol-shop', 'enrol-shop', 'enrol-namespace-pay', 'enrol-namespace-shop'],
      ...['scrapes-pay', 'strict-pay', 'shadow-pay', 'allow-pay', 'deny-pay', 'default-pay'],
      ...['scrapes-shop', 'strict-shop', 'shadow-shop', 'allow-shop', 'deny-shop', 'default-shop'],
      'operate',
    ]);
  });

  it('is met by a control plane that the resolver knows after the Helm commands', () => {
    const world = worldAfter(shop.world, plan, 'control-plane');
    expect(linkerd.detect(world)).toMatchObject({ state: 'installed-unused', version: { value: 'edge-26.6.3' } });
  });

  it('ends with every port demanding an identity that a policy names', () => {
    const world = worldAfter(shop.world, plan);
    for (const [namespace, name] of [
      ['shop', 'front'],
      ['shop', 'cart'],
      ['pay', 'payments'],
    ] as const) {
      expect(modesOf(world, namespace, name)).toEqual(['deny', 'deny']);
    }
    expect(new Set(verdicts(shop, shop.world, world).values())).toEqual(new Set(['ok']));
  });

  it('enrols with the default written out, so that nobody is refused', () => {
    const [patch] = stageOf(plan, 'enrol-pay').steps;
    expect(patch).toMatchObject({
      patch: {
        spec: {
          template: {
            metadata: {
              annotations: {
                'linkerd.io/inject': 'enabled',
                'config.linkerd.io/default-inbound-policy': 'all-unauthenticated',
              },
            },
          },
        },
      },
    });
    expect(modesOf(worldAfter(shop.world, plan, stageOf(plan, 'enrol-pay').id), 'pay', 'payments')).toEqual([
      'all-unauthenticated',
      'all-unauthenticated',
    ]);
  });

  it('has the authentication and the policy before the Server says deny', () => {
    expect(stageOf(plan, 'allow-pay').steps).toMatchObject([
      { manifest: { kind: 'MeshTLSAuthentication', spec: { identityRefs: [{ name: 'cart', namespace: 'shop' }] } } },
      { manifest: { kind: 'AuthorizationPolicy', spec: { targetRef: { name: 'payments-port-8080' } } } },
    ]);
    expect(stageOf(plan, 'deny-pay').steps).toMatchObject([
      { step: 'apply', manifest: { metadata: { name: 'payments-port-8080' }, spec: { accessPolicy: 'deny' } } },
    ]);
  });

  it('never writes audit', () => {
    expect(JSON.stringify(plan.stages.map(({ steps }) => steps))).not.toContain('"audit"');
  });

  it('takes the default as the last stage of a namespace, with new pods, after each port has its Server', () => {
    const stage = stageOf(plan, 'default-shop');
    expect(stage.dependsOn).toEqual(['deny-shop', 'enrol-namespace-shop', 'scrapes-shop']);
    expect(stage.steps.map(({ step }) => step)).toEqual(['patch', 'restart', 'patch', 'restart', 'patch']);
    expect(stage.steps.at(-1)).toMatchObject({ target: { kind: KIND.namespace, name: 'shop' } });
  });

  it('stops before the default of a namespace at the goal that was asked for', () => {
    const toStrict = linkerdPlan(shop, { goal: 'strict' });
    expect(statesOf(toStrict).filter((line) => /^(shadow|allow|deny)/.test(line))).toEqual([]);
    expect(stageOf(toStrict, 'default-pay').title).toBe('Default all-authenticated in pay');
    expect(statesOf(linkerdPlan(shop, { goal: 'enrol' })).filter((line) => /^(strict|default)/.test(line))).toEqual([]);
  });
});

describe('undone in order, last stage first', () => {
  it('has every call fare as before the stage', () => {
    let world = shop.world;
    const states: { id: string; before: ReadonlyMap<string, string>; world: World }[] = [];
    for (const stage of plan.stages.filter(isWritten)) {
      states.push({ id: stage.id, before: verdicts(shop, shop.world, world), world });
      world = after(world, stage.steps);
    }
    for (const { id, before } of states.reverse()) {
      world = after(world, stageOf(plan, id).rollback.steps);
      expect([id, verdicts(shop, shop.world, world)]).toEqual([id, before]);
    }
    const proxies = world
      .list(KIND.pod)
      .objects.filter(({ spec }) => JSON.stringify(spec ?? {}).includes('linkerd-proxy'));
    expect(proxies).toEqual([]);
    expect(world.list(KIND.linkerdServer).objects).toEqual([]);
  });

  it('keeps pods out by saying so, not by leaving the annotation out', () => {
    const [undo] = stageOf(plan, 'enrol-pay').rollback.steps;
    expect(JSON.stringify(undo)).toContain('"linkerd.io/inject":"disabled"');
    expect(JSON.stringify(undo)).toContain('"config.linkerd.io/default-inbound-policy":null');
  });

  it('puts back the earlier answer of a Server, in seconds', () => {
    const { rollback } = stageOf(plan, 'deny-pay');
    expect(rollback.steps).toMatchObject([{ step: 'patch', patch: { spec: { accessPolicy: 'all-authenticated' } } }]);
    expect(rollback.timeToEffect).toContain('seconds');
  });
});

describe('planned anew from the world that a stage leaves behind', () => {
  it.each(['control-plane', 'strict-pay', 'allow-pay', 'deny-pay', 'default-pay', 'deny-shop', 'default-shop'])(
    'has %s and what came before it done, and the rest to do',
    (id) => {
      const world = worldAfter(shop.world, plan, stageOf(plan, id).id);
      const anew = linkerdPlan({ ...shop, world });
      const left = anew.stages.filter((stage) => stage.steps.length > 0).map((stage) => stage.id);
      const position = plan.stages.findIndex((stage) => stage.id === id);
      const expected = plan.stages.slice(position + 1).filter((stage) => stage.steps.length > 0);
      expect(left).toEqual(expected.map((stage) => stage.id));
      expect(anew.stages.filter(({ state }) => state === 'blocked' || state === 'outline')).toEqual([]);
    },
  );
});
