import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { DASHBOARD_FILE } from '../../src/domain/rollout/foundations/dashboard.ts';
import { ruleGroups } from '../../src/domain/rollout/foundations/rules.ts';
import type { RolloutPlan } from '../../src/domain/rollout/plan.ts';
import { asText } from '../../src/lib/json.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from '../domain/rollout/shop.ts';
import { workload, worldFrom } from '../support/build-world.ts';
import { ask, BEGIN, calls, END, HEALTHY, HOUR, onceSince } from './support/gates.ts';
import { scraped, type TestSeries } from './support/samples.ts';
import { startPrometheus } from './support/server.ts';

const PROMETHEUS = workload('watch', 'prometheus', {
  container: { name: 'prometheus', image: 'quay.io/prometheus/prometheus:v3.5.0' },
});
const PLAINTEXT = { connection_security_policy: 'none', source_workload: 'unknown', source_principal: 'unknown' };

function queriesOf({ stages }: RolloutPlan): readonly string[] {
  const conditions = stages.flatMap(({ entryGate, exitGate, abort }) => [...entryGate, ...exitGate, ...abort]);
  return [...new Set(conditions.flatMap(({ promql, proof }) => [promql ?? [], proof ?? []].flat()))];
}

/** What makes the cluster serve PrometheusRules. */
const MONITORING = ['PodMonitor', 'ServiceMonitor', 'PrometheusRule'].map((kind) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.monitoring.coreos.com` },
  spec: { group: 'monitoring.coreos.com', names: { kind } },
}));

function rulesOf(plan: RolloutPlan): unknown {
  return stageOf(plan, 'telemetry').steps.flatMap((step) =>
    step.step === 'apply' && step.manifest.kind === 'PrometheusRule' ? [step.manifest.spec] : [],
  );
}

function dashboardOf(plan: RolloutPlan): unknown {
  return stageOf(plan, 'telemetry').helmValues.find(({ file }) => file === DASHBOARD_FILE)?.values;
}

/** Whatever is called `expr` anywhere in the value, with Grafana's variable set to all namespaces. */
function expressionsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'expr' ? [String(each).replaceAll('$namespace', '.*')] : expressionsIn(each),
  );
}

async function allAreRead(queries: readonly string[]): Promise<void> {
  const server = await startPrometheus({ end: END, series: HEALTHY });
  try {
    for (const query of queries) expect(await ask(server.url, query), query).toBeGreaterThanOrEqual(0);
  } finally {
    await server.stop();
  }
}

async function alertsAt(name: string, series: readonly TestSeries[]): Promise<number> {
  const rules = ruleGroups('istio-sidecar').flatMap(({ rules: found }) => found);
  const rule = rules.find((each) => 'alert' in each && each.alert === name);
  const server = await startPrometheus({ end: END, series });
  try {
    return await ask(server.url, rule?.expr ?? '');
  } finally {
    await server.stop();
  }
}

describe.skipIf(inject('withoutPrometheus') !== '')('the rules and queries of a plan', () => {
  it.each(['istio-sidecar', 'istio-ambient'] as const)('towards %s are read by promtool as a rule file', (target) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'meshwise-rules-'));
    const file = path.join(folder, 'rules.yaml');
    writeFileSync(file, JSON.stringify({ groups: ruleGroups(target) }));
    const checked = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(checked.stderr + checked.stdout).toContain('SUCCESS');
    expect(checked.status).toBe(0);
  });

  it.each(['istio-sidecar', 'istio-ambient', 'linkerd'] as const)(
    'towards %s are all read by a real Prometheus, with and without series',
    async (target) => {
      const world = worldFrom([...SHOP, PROMETHEUS, ...MONITORING]);
      const plan = planOf(world, SHOP_CALLS, { minWindowSeconds: 6 * HOUR, target });
      const [gates, rules, panels] = [queriesOf(plan), expressionsIn(rulesOf(plan)), expressionsIn(dashboardOf(plan))];
      expect([gates.length > 10, rules.length > 5, panels.length > 10]).toEqual([true, true, true]);
      await allAreRead([...gates, ...rules, ...panels]);
    },
  );

  it('alert at plaintext that came back, and not at what the day before had as well', async () => {
    expect(await alertsAt('MeshwisePlaintextReturned', HEALTHY)).toBe(0);
    const back = calls('cart', PLAINTEXT, onceSince(300));
    expect(await alertsAt('MeshwisePlaintextReturned', [...HEALTHY, back])).toBe(1);
    const always = calls(
      'cart',
      PLAINTEXT,
      scraped(BEGIN, 0, (before) => 10_000 - before),
    );
    expect(await alertsAt('MeshwisePlaintextReturned', [...HEALTHY, always])).toBe(0);
  });

  it('alert at a root that ends within sixty days', async () => {
    const root = (days: number): TestSeries => ({
      metric: 'citadel_server_root_cert_expiry_timestamp',
      labels: { job: 'istiod' },
      samples: scraped(HOUR, 0, () => END + days * 86_400),
    });
    expect(await alertsAt('MeshwiseRootExpires', [root(400)])).toBe(0);
    expect(await alertsAt('MeshwiseRootExpires', [root(30)])).toBe(1);
  });
});

it('names are those of the rule files', () => {
  const names = ruleGroups('istio-ambient').flatMap(({ rules }) =>
    rules.map((rule) => asText('alert' in rule ? rule.alert : rule.record)),
  );
  expect(new Set(names).size).toBe(names.length);
});
