import { expect, test } from 'vitest';
import { meshFacts } from '../../../../src/domain/rollout/istio/mesh-facts.ts';
import { planTelemetry } from '../../../../src/domain/rollout/istio/telemetry.ts';
import { startPlanning, type PlannedStage } from '../../../../src/domain/rollout/planning.ts';
import type { Target } from '../../../../src/domain/rollout/plan.ts';
import type { Manifest } from '../../../../src/domain/world/step.ts';
import { DASHBOARD_FILE } from '../../../../src/domain/rollout/foundations/dashboard.ts';
import { asObjects, at, type JsonObject } from '../../../../src/lib/json.ts';
import { namespace, worldFrom } from '../../../support/build-world.ts';
import { inputOf } from './planning.ts';

const CRDS = ['PodMonitor', 'ServiceMonitor', 'PrometheusRule', 'Prometheus'].map((kind): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.monitoring.coreos.com` },
  spec: { group: 'monitoring.coreos.com', names: { kind } },
}));

function prometheus(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'main', namespace: 'watch' },
    spec,
  };
}

function telemetry(objects: readonly JsonObject[], target: Target = 'istio-sidecar'): PlannedStage {
  const world = worldFrom([namespace('istio-system'), namespace('watch'), ...CRDS, ...objects]);
  const planning = startPlanning(inputOf(world, { target }));
  planTelemetry(planning, meshFacts(world));
  const [stage] = planning.stages;
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

function manifests({ steps }: PlannedStage): readonly Manifest[] {
  return steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
}

const ALL = { podMonitorSelector: {}, serviceMonitorSelector: {}, ruleSelector: {} };
const ANYWHERE = { podMonitorNamespaceSelector: {}, serviceMonitorNamespaceSelector: {}, ruleNamespaceSelector: {} };

test('monitors and rules carry the labels that the Prometheus selects by', () => {
  const byRelease = { matchLabels: { release: 'watch' } };
  const selectors = { podMonitorSelector: byRelease, serviceMonitorSelector: byRelease, ruleSelector: byRelease };
  const made = manifests(telemetry([prometheus({ ...selectors, ...ANYWHERE })]));
  expect(made.map(({ kind, metadata }) => `${kind} ${metadata.labels?.['release'] ?? '-'}`)).toEqual([
    'PodMonitor watch',
    'ServiceMonitor watch',
    'PrometheusRule watch',
    'Telemetry -',
  ]);
});

test('a Prometheus that looks into its own namespace alone gets them there', () => {
  const made = manifests(telemetry([prometheus(ALL)]));
  expect(made.map(({ metadata }) => metadata.namespace)).toEqual(['watch', 'watch', 'watch', 'istio-system']);
  const elsewhere = manifests(telemetry([prometheus({ ...ALL, ...ANYWHERE })]));
  expect(new Set(elsewhere.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['istio-system']));
});

test('a Prometheus without a selector takes nothing, and the page says so', () => {
  expect(telemetry([prometheus(ANYWHERE)]).notes.join('\n')).toContain(
    'Prometheus watch/main has no podMonitorSelector',
  );
});

test('in ambient mode ztunnel is scraped too, and an alert watches its nodes', () => {
  const made = manifests(telemetry([prometheus({ ...ALL, ...ANYWHERE })], 'istio-ambient'));
  expect(made.map(({ metadata }) => metadata.name)).toContain('ztunnel');
  expect(JSON.stringify(made)).toContain('MeshwiseNodeWithoutTunnel');
});

test('no wave begins before the baseline has a week, and that is a gate with a proof', () => {
  const gate = telemetry([prometheus({ ...ALL, ...ANYWHERE })]).exitGate.find(({ id }) => id === 'baseline-recorded');
  expect(gate?.promql).toContain('offset 7d');
  expect(gate?.proof).toContain('offset 7d');
});

test('a second plan from the world that it leaves writes nothing again', () => {
  const objects = [namespace('istio-system'), namespace('watch'), ...CRDS, prometheus(ALL)];
  const planning = startPlanning(inputOf(worldFrom(objects), { target: 'istio-ambient' }));
  planTelemetry(planning, meshFacts(planning.world));
  const again = startPlanning(inputOf(planning.world, { target: 'istio-ambient' }));
  planTelemetry(again, meshFacts(again.world));
  expect(again.stages.map(({ state }) => state)).toEqual(['done']);
});

test('where a Prometheus is, a dashboard over its series comes with the stage, and without one there is none', () => {
  const files = (stage: PlannedStage): readonly string[] => stage.helmValues.map(({ file }) => file);
  expect(files(telemetry([prometheus(ALL)]))).toEqual([DASHBOARD_FILE]);
  expect(files(telemetry([]))).toEqual([]);
});

test.each(['istio-sidecar', 'istio-ambient'] as const)(
  'the dashboard towards %s draws each panel at its own place',
  (target) => {
    const board = telemetry([prometheus(ALL)], target).helmValues[0]?.values;
    const panels = asObjects(at(board, 'panels'));
    expect(panels.length).toBeGreaterThan(5);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos }) => `${String(at(gridPos, 'x'))},${String(at(gridPos, 'y'))}`)).size).toBe(
      panels.length,
    );
  },
);
