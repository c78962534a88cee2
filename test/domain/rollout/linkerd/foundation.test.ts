import { describe, expect, it } from 'vitest';
import { linkerd } from '../../../../src/domain/mesh/linkerd/linkerd.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, node, service, workload } from '../../../support/build-world.ts';
import { SHOP, SHOP_CALLS, stageOf, statesOf } from '../shop.ts';
import { linkerdPlan, scene, worldAfter } from './run-plan.ts';

function definition(name: string, group: string, annotations: Readonly<Record<string, string>> = {}): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name.toLowerCase()}s.${group}`, annotations },
    spec: { group, names: { kind: name } },
  };
}

const BUNDLE = 'gateway.networking.k8s.io/bundle-version';
const GATEWAY = 'gateway.networking.k8s.io';

describe('the control plane', () => {
  it('is three Helm commands and the Gateway API definitions, where these are missing', () => {
    const [step] = stageOf(linkerdPlan(scene(SHOP, SHOP_CALLS)), 'control-plane').steps;
    expect(step).toMatchObject({ step: 'external' });
    const text = JSON.stringify(step);
    expect(text).toContain('v1.2.1/standard-install.yaml');
    expect(text.indexOf('"linkerd-crds"')).toBeLessThan(text.indexOf('"linkerd-control-plane"'));
  });

  it('leaves definitions of the Gateway API that it reads as they are, and stops at older ones', () => {
    const here = (version: string) =>
      stageOf(
        linkerdPlan(scene([...SHOP, definition('HTTPRoute', GATEWAY, { [BUNDLE]: version })], SHOP_CALLS)),
        'control-plane',
      );
    expect(here('v1.4.0')).toMatchObject({ state: 'ready' });
    expect(JSON.stringify(here('v1.4.0').steps)).not.toContain('standard-install');
    expect(here('v1.0.0')).toMatchObject({ state: 'blocked' });
    expect(here('v1.6.0').notes.join(' ')).toContain('reads 1.2.1 to 1.5.1');
  });

  it('has replicas on three nodes, and one where there are fewer', () => {
    const values = (nodes: readonly string[]) =>
      stageOf(linkerdPlan(scene([...SHOP.slice(1), ...nodes.map((name) => node(name))], SHOP_CALLS)), 'control-plane')
        .helmValues[0]?.values;
    expect(values(['a', 'b', 'c'])).toMatchObject({ controllerReplicas: 3, highAvailability: true });
    expect(values(['a'])).toMatchObject({ controllerReplicas: 1 });
  });

  it('is done where it runs, and nothing of it is written over', () => {
    const start = scene(SHOP, SHOP_CALLS);
    const world = worldAfter(start.world, linkerdPlan(start), 'control-plane');
    const plan = linkerdPlan({ ...start, world });
    expect(stageOf(plan, 'control-plane')).toMatchObject({ state: 'done', steps: [] });
    expect(stageOf(plan, 'trust').state).toBe('done');
  });

  it('is left to the operator of Buoyant where that is here', () => {
    const plan = linkerdPlan(scene([...SHOP, definition('ControlPlane', 'linkerd.buoyant.io')], SHOP_CALLS));
    expect(stageOf(plan, 'control-plane').state).toBe('blocked');
    expect(statesOf(plan).at(-2)).toBe('enrol: outline');
  });

  it('is not planned where whether it is here was not read', () => {
    const forbidden = { forbidden: ['apps/Deployment'] as const };
    const plan = linkerdPlan(scene(SHOP, SHOP_CALLS, forbidden));
    expect(stageOf(plan, 'control-plane').state).toBe('blocked');
  });
});

describe('a namespace that refuses the init container', () => {
  const restricted = [
    node('n'),
    namespace('shop', { 'pod-security.kubernetes.io/enforce': 'restricted' }),
    workload('shop', 'cart'),
    service('shop', 'cart'),
  ];

  it('gets the CNI plugin, in a stage before the control plane', () => {
    const start = scene(restricted, []);
    const plan = linkerdPlan(start);
    const ids = plan.stages.map(({ id }) => id);
    expect(ids.indexOf('node-agents')).toBeLessThan(ids.indexOf('control-plane'));
    expect(stageOf(plan, 'control-plane').helmValues[0]?.values).toMatchObject({ cniEnabled: true });
    expect(stageOf(plan, 'enrol-shop').state).toBe('ready');
    const world = worldAfter(start.world, plan, stageOf(plan, 'enrol-shop').id);
    expect(linkerd.detect(world).state).toBe('active');
  });

  it('has its wave blocked where the control plane that is here captures with it', () => {
    const open = scene(SHOP, SHOP_CALLS);
    const plan = linkerdPlan(open);
    const labelled = SHOP.map((object) =>
      JSON.stringify(object['metadata']) === JSON.stringify({ name: 'pay', labels: {} })
        ? namespace('pay', { 'pod-security.kubernetes.io/enforce': 'baseline' })
        : object,
    );
    const { world } = scene(labelled, SHOP_CALLS);
    const steps = stageOf(plan, 'control-plane');
    const installed = worldAfter(world, { ...plan, stages: [steps] });
    const anew = linkerdPlan({ ...open, world: installed });
    expect(JSON.stringify(stageOf(anew, 'enrol-pay').blockedBy)).toContain('linkerd-init');
  });
});

describe('what the gates read', () => {
  it('is scraped by monitors with the labels that the gates ask for, where monitors are served', () => {
    const served = [
      definition('PodMonitor', 'monitoring.coreos.com'),
      definition('PrometheusRule', 'monitoring.coreos.com'),
    ];
    const { steps } = stageOf(linkerdPlan(scene([...SHOP, ...served], SHOP_CALLS)), 'telemetry');
    const kinds = steps.map((step) =>
      step.step === 'apply' ? `${step.manifest.kind} ${step.manifest.metadata.name}` : '',
    );
    expect(kinds).toEqual([
      'PodMonitor linkerd-proxy',
      'PodMonitor linkerd-controller',
      'PrometheusRule linkerd-rollout',
    ]);
    expect(JSON.stringify(steps[0])).toContain('linkerd-admin');
  });

  it('stays reachable: the proxies’ own port has a Server before anything closes', () => {
    const plan = linkerdPlan(scene(SHOP, SHOP_CALLS));
    expect(stageOf(plan, 'scrapes-shop').steps).toMatchObject([
      { manifest: { kind: 'Server', spec: { port: 'linkerd-admin', accessPolicy: 'all-unauthenticated' } } },
    ]);
    expect(stageOf(plan, 'strict-shop').dependsOn).toContain('scrapes-shop');
  });

  it('asks of every port by itself, with a proof that it was watched', () => {
    const gates = stageOf(linkerdPlan(scene(SHOP, SHOP_CALLS)), 'strict-shop').entryGate;
    const ports = gates.filter(({ id }) => id.startsWith('no-plaintext'));
    expect(ports.map(({ id }) => id)).toEqual(['no-plaintext-cart-8080', 'no-plaintext-front-8080']);
    for (const { promql, proof } of ports) {
      expect(promql).toContain('target_port="8080"');
      expect(proof).toContain('tls="true"');
    }
  });

  it('names the identities that may call, before a Server says deny', () => {
    const gate = stageOf(linkerdPlan(scene(SHOP, SHOP_CALLS)), 'deny-pay').entryGate.find(({ id }) =>
      id.startsWith('callers'),
    );
    expect(gate?.promql).toContain(String.raw`cart\\.shop\\.serviceaccount\\.identity\\.linkerd\\.cluster\\.local`);
  });
});
