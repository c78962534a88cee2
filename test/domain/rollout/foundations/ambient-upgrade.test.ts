import { expect, test } from 'vitest';
import { ambientDoubt } from '../../../../src/domain/mesh/istio/ambient/ztunnel-agent.ts';
import { controlPlanes } from '../../../../src/domain/mesh/istio/control-plane.ts';
import { istio } from '../../../../src/domain/mesh/istio/istio.ts';
import { meshSettings } from '../../../../src/domain/mesh/istio/mesh-settings.ts';
import { planAmbientControlPlane } from '../../../../src/domain/rollout/istio/control-plane.ts';
import { startPlanning, type Planning } from '../../../../src/domain/rollout/planning.ts';
import { readStep } from '../../../../src/domain/rollout/verify/read-step.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import { asObject, type JsonObject } from '../../../../src/lib/json.ts';
import { namespace, workload, worldFrom } from '../../../support/build-world.ts';
import { inputOf } from './planning.ts';

const HELM = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'istiod-1.30.4' },
  annotations: { 'meta.helm.sh/release-name': 'pilot', 'meta.helm.sh/release-namespace': 'istio-system' },
};

interface Marks {
  readonly labels?: JsonObject;
  readonly annotations?: JsonObject;
  readonly ownerReferences?: readonly JsonObject[];
}

interface Plane {
  readonly marks?: Marks;
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  readonly env?: readonly JsonObject[];
}

function istiod({ marks = HELM, image = 'docker.io/istio/pilot:1.30.4', ...plane }: Plane = {}): JsonObject {
  const env = [{ name: 'PILOT_TRACE_SAMPLING', value: '1' }, ...(plane.env ?? [])];
  const object = workload(plane.namespace ?? 'istio-system', plane.name ?? 'istiod', {
    labels: { app: 'istiod' },
    container: { name: 'discovery', image, env },
  });
  return { ...object, metadata: { ...asObject(object['metadata']), ...marks } };
}

function mesh(proxyMetadata: JsonObject = { OWN: 'kept' }): JsonObject {
  const metadata = { name: 'istio', namespace: 'istio-system' };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { mesh: JSON.stringify({ defaultConfig: { proxyMetadata }, trustDomain: 'shop.example' }) },
  };
}

function worldWith(...objects: readonly JsonObject[]): World {
  return worldFrom([namespace('shop'), namespace('istio-system'), workload('shop', 'cart'), ...objects]);
}

function planned(world: World): Planning {
  const planning = startPlanning(inputOf(world));
  planAmbientControlPlane(planning, istio.detect(world));
  return planning;
}

function planeStage({ stages }: Planning) {
  const [stage] = stages;
  if (stage === undefined) throw new Error('no stage was planned');
  return stage;
}

test('an istiod that Helm installed is upgraded by its own release, at its own version, and the agents follow', () => {
  const planning = planned(worldWith(istiod(), mesh()));
  expect(planning.stages.map(({ id, state }) => `${id}: ${state}`)).toEqual([
    'control-plane: ready',
    'node-agents: ready',
  ]);
  const stage = planeStage(planning);
  const commands = stage.steps.flatMap((step) => (step.step === 'external' ? step.commands : []));
  const upgrades = commands
    .filter(([tool, verb]) => tool === 'helm' && verb === 'upgrade')
    .map((line) => line.join(' '));
  expect(upgrades).toEqual([
    'helm upgrade pilot oci://ghcr.io/istio/release/charts/istiod --version 1.30.4 --namespace istio-system --reuse-values --values istiod-ambient-values.yaml --wait',
  ]);
  expect(stage.helmValues).toEqual([{ file: 'istiod-ambient-values.yaml', values: { profile: 'ambient' } }]);
  const agents = planning.stages[1]?.steps.flatMap((step) => (step.step === 'external' ? step.commands : []));
  expect(agents?.flat().filter((word) => word.startsWith('1.'))).toEqual(['1.30.4', '1.30.4']);
});

test('afterwards it serves ambient mode, and everything else that it was told is as before', () => {
  const { world } = planned(worldWith(istiod(), mesh()));
  const [plane] = controlPlanes(world);
  expect(plane === undefined ? 'gone' : ambientDoubt(plane)).toBeUndefined();
  expect(plane?.version).toBe('1.30.4');
  expect(plane?.env).toMatchObject({ PILOT_TRACE_SAMPLING: '1', PILOT_ENABLE_AMBIENT: 'true' });
  expect(meshSettings(world, 'default')).toMatchObject({
    known: true,
    value: {
      takesHbone: true,
      trustDomain: 'shop.example',
      defaultProxySettings: ['OWN', 'ISTIO_META_ENABLE_HBONE'],
    },
  });
});

test('a plan from the world after it finds ambient mode served', () => {
  const { world } = planned(worldWith(istiod(), mesh()));
  expect(planned(world).stages.map(({ id, state }) => `${id}: ${state}`)).toEqual([
    'control-plane: done',
    'node-agents: done',
  ]);
});

test('verify tells a cluster before the upgrade from one after it', () => {
  const before = worldWith(istiod(), mesh());
  const planning = planned(before);
  const stage = planeStage(planning);
  const upgrade = stage.steps.find((step) => step.step === 'external' && step.expectChanges !== undefined);
  if (upgrade === undefined) throw new Error('no step changes istiod');
  const read = (world: World): string => readStep(upgrade, { world, stage, isOurs: () => true }).told.state;
  expect(read(before)).toBe('unmet');
  expect(read(planning.world)).toBe('met');
});

test('it is undone by helm rollback, once nothing is in ambient mode', () => {
  const { rollback } = planeStage(planned(worldWith(istiod(), mesh())));
  const commands = rollback.steps.flatMap((step) => (step.step === 'external' ? step.commands : []));
  expect(commands.map((line) => line.join(' '))).toEqual([
    'kubectl get namespaces -l istio.io/dataplane-mode=ambient',
    'kubectl get pods -A -l istio.io/dataplane-mode=ambient',
    'helm history pilot --namespace istio-system',
    'helm rollback pilot --namespace istio-system --wait',
  ]);
  expect(rollback.validWhile).toBe('no workload is enrolled in ambient mode');
});

test('the page says that istiod restarts, and that sidecars which run take no HBONE', () => {
  const { notes } = planeStage(planned(worldWith(istiod(), mesh())));
  expect(notes.join(' ')).toContain('istiod restarts');
  expect(notes.join(' ')).toContain('before the mesh took HBONE');
});

test('on a cluster without the Gateway API its kinds come first', () => {
  const [first] = planeStage(planned(worldWith(istiod(), mesh()))).steps;
  expect(first?.step === 'external' ? first.title : '').toContain('Gateway API');
});

const OWNER = { apiVersion: 'sailoperator.io/v1', kind: 'IstioRevision', name: 'default', uid: '1', controller: true };

test.each<[string, readonly JsonObject[], string]>([
  ['nothing says who installed it', [istiod({ marks: {} }), mesh()], 'says which Helm release'],
  [
    'only the label of a rendered chart is there',
    [istiod({ marks: { labels: HELM.labels } }), mesh()],
    'says which Helm release',
  ],
  ['an operator owns it', [istiod({ marks: { ...HELM, ownerReferences: [OWNER] } }), mesh()], 'IstioRevision'],
  [
    'Flux runs the release',
    [istiod({ marks: { ...HELM, labels: { ...HELM.labels, 'helm.toolkit.fluxcd.io/name': 'mesh' } } }), mesh()],
    'HelmRelease mesh of Flux',
  ],
  [
    'Argo CD writes it',
    [
      istiod({
        marks: { ...HELM, annotations: { ...HELM.annotations, 'argocd.argoproj.io/tracking-id': 'mesh:apps' } },
      }),
      mesh(),
    ],
    'Argo CD',
  ],
  ['a second istiod runs', [istiod(), istiod({ name: 'istiod-next' }), mesh()], 'several istiods'],
  [
    'somebody switched ambient mode off',
    [istiod({ env: [{ name: 'PILOT_ENABLE_AMBIENT', value: 'false' }] }), mesh()],
    'wins over the profile',
  ],
  ['the mesh configuration was not read', [istiod()], 'was not read'],
  ['its image is of another version', [istiod({ image: 'docker.io/istio/pilot:1.30.2' }), mesh()], 'from chart 1.30.4'],
  ['HBONE was switched off', [istiod(), mesh({ ISTIO_META_ENABLE_HBONE: 'false' })], 'ISTIO_META_ENABLE_HBONE'],
])('it stays blocked where %s', (_name, objects, reason) => {
  const { stages } = planned(worldWith(...objects));
  expect(stages.map(({ id, state }) => `${id}: ${state}`)).toEqual(['control-plane: blocked']);
  expect(stages[0]?.blockedBy[0]?.what).toContain(reason);
  expect(stages[0]?.steps).toEqual([]);
});

test.each<[string, JsonObject]>([
  ['the add-on of AKS', istiod({ namespace: 'aks-istio-system' })],
  ["a vendor's build", istiod({ image: 'us-docker.pkg.dev/soloio-img/istio/pilot:1.30.4-solo' })],
])('%s is never upgraded by Helm, whatever marks it carries', (_name, plane) => {
  const { stages } = planned(worldWith(plane, mesh()));
  expect(stages.map(({ state }) => state)).toEqual(['blocked']);
  expect(stages[0]?.helmValues).toEqual([]);
});
