import { expect, test } from 'vitest';
import { istio } from '../../../../src/domain/mesh/istio/istio.ts';
import { planAmbientControlPlane, planControlPlane } from '../../../../src/domain/rollout/istio/control-plane.ts';
import { startPlanning, type Planning } from '../../../../src/domain/rollout/planning.ts';
import { readPodShape } from '../../../../src/domain/world/pod-shape.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { namespace, node, workload, worldFrom } from '../../../support/build-world.ts';
import { inputOf } from './planning.ts';

const THREE_NODES = [node('a'), node('b'), node('c'), namespace('shop'), workload('shop', 'cart')];
const AMBIENT_POD = readPodShape({ labels: { 'istio.io/dataplane-mode': 'ambient' } }, { containers: [] });

function planned(world: World, plan = planAmbientControlPlane): Planning {
  const planning = startPlanning(inputOf(world));
  plan(planning, istio.detect(world));
  return planning;
}

function states({ stages }: Planning): readonly string[] {
  return stages.map(({ id, state }) => `${id}: ${state}`);
}

function istiod(
  namespaceName: string,
  env: readonly JsonObject[] = [],
  image = 'docker.io/istio/pilot:1.31.1',
): JsonObject {
  return workload(namespaceName, 'istiod', {
    labels: { app: 'istiod', istio: 'pilot' },
    container: { name: 'discovery', image, env },
  });
}

test('ambient mode brings the Gateway API, istiod, the agents on a first pool and then on every node', () => {
  const planning = planned(worldFrom(THREE_NODES));
  expect(states(planning)).toEqual(['control-plane: ready', 'node-agents-first: ready', 'node-agents: ready']);
  const [plane, first, agents] = planning.stages;
  expect(plane?.steps.map((step) => (step.step === 'external' ? step.title : step.step))).toEqual([
    expect.stringContaining('Gateway API 1.6.0'),
    expect.stringContaining('base and istiod 1.31.1'),
  ]);
  expect(first?.helmValues.map(({ values }) => values['affinity'] !== undefined)).toEqual([true, true]);
  expect(agents?.helmValues.map(({ values }) => values['affinity'])).toEqual([undefined, undefined]);
  expect(agents?.dependsOn).toEqual(['node-agents-first']);
  expect(agents?.exitGate.find(({ id }) => id === 'agents-ready')?.state).toMatchObject({
    check: 'available',
    objects: [{ name: 'istio-cni-node' }, { name: 'ztunnel' }],
  });
});

test('in the world after it a labelled pod is taken into ambient mode, and before it is not', () => {
  const world = worldFrom(THREE_NODES);
  expect(istio.enrolment('shop', AMBIENT_POD, world).decision).toBe('skip');
  expect(istio.enrolment('shop', AMBIENT_POD, planned(world).world).decision).toBe('ambient');
  expect(istio.enrolment('kube-system', AMBIENT_POD, planned(world).world).decision).toBe('skip');
});

test('on two nodes there is no pool to try the agents on', () => {
  expect(states(planned(worldFrom([node('a'), node('b'), namespace('shop')])))).toEqual([
    'control-plane: ready',
    'node-agents: ready',
  ]);
});

test('a plan from the world that it leaves finds nothing to install', () => {
  const world = planned(worldFrom(THREE_NODES)).world;
  expect(states(planned(world))).toEqual(['control-plane: done', 'node-agents: done']);
});

test('an istiod without ambient mode is not written over', () => {
  const { stages } = planned(worldFrom([...THREE_NODES, namespace('istio-system'), istiod('istio-system')]));
  expect(stages.map(({ id, state }) => `${id}: ${state}`)).toEqual(['control-plane: blocked']);
  expect(stages[0]?.blockedBy[0]?.what).toContain('PILOT_ENABLE_AMBIENT');
  expect(stages[0]?.helmValues).toEqual([]);
});

test.each([
  ['the add-on of AKS', istiod('aks-istio-system'), 'az aks mesh'],
  [
    "a vendor's build",
    istiod('istio-system', [], 'us-docker.pkg.dev/soloio-img/istio/pilot:1.31.1-solo'),
    "vendor's build",
  ],
])('%s is recognised: done for sidecars, with what it allows', (_name, plane, said) => {
  const { stages } = planned(worldFrom([...THREE_NODES, plane]), (planning, detection) => {
    planControlPlane(planning, detection, false);
  });
  expect(stages.map(({ state }) => state)).toEqual(['done']);
  expect(stages[0]?.notes.join(' ')).toContain(said);
});

test('the add-on of AKS is not planned towards ambient mode', () => {
  const env = [{ name: 'PILOT_ENABLE_AMBIENT', value: 'true' }];
  const { stages } = planned(worldFrom([...THREE_NODES, istiod('aks-istio-system', env)]));
  expect(stages.map(({ state }) => state)).toEqual(['blocked']);
});

test('a CNI agent that runs without ambient mode blocks the node agents', () => {
  const env = [{ name: 'PILOT_ENABLE_AMBIENT', value: 'true' }];
  const cni = workload('istio-system', 'istio-cni-node', {
    kind: 'DaemonSet',
    labels: { 'k8s-app': 'istio-cni-node' },
  });
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio-cni-config', namespace: 'istio-system' },
    data: { AMBIENT_ENABLED: 'false', EXCLUDE_NAMESPACES: 'kube-system' },
  };
  const planning = planned(
    worldFrom([...THREE_NODES, namespace('istio-system'), istiod('istio-system', env), cni, config]),
  );
  expect(states(planning)).toEqual(['control-plane: done', 'node-agents: blocked']);
});

test('with sidecars and a namespace that refuses the init container the CNI agent comes, and no ztunnel', () => {
  const planning = planned(worldFrom(THREE_NODES), (given, detection) => {
    planControlPlane(given, detection, true);
  });
  expect(states(planning)).toEqual(['control-plane: ready', 'node-agents-first: ready', 'node-agents: ready']);
  expect(planning.stages.at(-1)?.helmValues.map(({ file }) => file)).toEqual(['cni-values.yaml']);
});
