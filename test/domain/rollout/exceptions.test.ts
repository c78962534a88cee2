import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { asTextMap, at } from '../../../src/lib/json.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { namespace, node, service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const LOAD_BALANCER = { type: 'LoadBalancer' };

function exposed(name: string, selector: Readonly<Record<string, string>>, targetPort: number): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'edge' },
    spec: { ...LOAD_BALANCER, selector, ports: [{ name: 'http', port: 80, targetPort }] },
  };
}

function server(name: string, labels: Readonly<Record<string, string>>, port: number): JsonObject {
  const plain = workload('edge', name, { port });
  return JSON.parse(JSON.stringify(plain).replaceAll(`{"app":"${name}"}`, JSON.stringify(labels))) as JsonObject;
}

/** Two servers that a load balancer calls, with those labels. */
function edge(first: Readonly<Record<string, string>>, second: Readonly<Record<string, string>>): RolloutPlan {
  const objects = [
    node('node-1'),
    namespace('edge'),
    server('api', first, 8080),
    server('canary', second, 9090),
    exposed('api', first, 8080),
    exposed('canary', second, 9090),
  ];
  return planOf(worldFrom(objects), [], { acceptEvidence: 'inferred' });
}

/** The selectors of the workload-level PeerAuthentications that the plan writes. */
function selectorsOf(plan: RolloutPlan) {
  return plan.stages.flatMap(({ steps }) =>
    steps.flatMap((step) =>
      step.step === 'apply' && step.manifest.kind === 'PeerAuthentication' && step.manifest.spec !== undefined
        ? [asTextMap(at(step.manifest.spec, 'selector', 'matchLabels'))].filter((own) => Object.keys(own).length > 0)
        : [],
    ),
  );
}

const WIDE = { app: 'api' };
const NARROW = { app: 'api', track: 'canary' };

test.each([
  ['the first is wider', WIDE, NARROW],
  ['the second is wider', NARROW, WIDE],
  ['both are the same', WIDE, WIDE],
])('workloads whose labels overlap share one exception, with the ports of both: %s', (_, first, second) => {
  const plan = edge(first, second);
  expect(selectorsOf(plan)).toEqual([WIDE]);
  expect(JSON.stringify(stageOf(plan, 'strict-exceptions-edge').steps)).toContain(
    '"portLevelMtls":{"8080":{"mode":"PERMISSIVE"},"9090":{"mode":"PERMISSIVE"}}',
  );
  expect(stageOf(plan, 'strict-edge').state).toBe('ready');
});

test('no two exceptions of a plan select the same pod', () => {
  for (const plan of [edge(WIDE, NARROW), edge(NARROW, WIDE), edge(WIDE, WIDE), edge(WIDE, { app: 'other' })]) {
    for (const labels of [WIDE, NARROW, { app: 'other' }]) {
      const pod: Readonly<Record<string, string>> = labels;
      const hits = selectorsOf(plan).filter((selector) =>
        Object.entries(selector).every(([key, value]) => pod[key] === value),
      );
      expect(hits.length).toBeLessThanOrEqual(1);
    }
  }
});

test('ports of the agent stand in no rule and in no exception', () => {
  const probed = {
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15020 } },
    ports: [{ containerPort: 8080 }, { containerPort: 15020 }],
  };
  const objects = [
    ...SHOP,
    workload('shop', 'odd', { container: probed }),
    service('shop', 'odd', { targetPort: 15020 }),
  ];
  const plan = planOf(worldFrom(objects), SHOP_CALLS, { acceptEvidence: 'inferred' });
  expect(JSON.stringify(plan.stages.map(({ steps, exceptions }) => [steps, exceptions]))).not.toContain('15020');
});

test('what a policy of somebody else keeps PERMISSIVE stands in the register', () => {
  const theirs = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'legacy', namespace: 'pay' },
    spec: { selector: { matchLabels: { app: 'payments' } }, mtls: { mode: 'PERMISSIVE' } },
  };
  const plan = planOf(worldFrom([...SHOP, theirs]), SHOP_CALLS);
  const row = plan.exceptions.find(({ workload: { name }, layer }) => name === 'payments' && layer === 'mtls');
  expect(row?.reason).toContain('PeerAuthentication');
  expect(stageOf(plan, 'strict-pay').exceptions).toEqual([row]);
});
