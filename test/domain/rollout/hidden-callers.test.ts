import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/lib/json.ts';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import { usableWindows } from '../../../src/domain/rollout/observation-windows.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../../src/domain/rollout/rollout-input.ts';
import { cronJob, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

function blockedBy(plan: RolloutPlan, id: string): string {
  return stageOf(plan, id)
    .blockedBy.map(({ what }) => what)
    .join('\n');
}

/** The shop's calls watched in that window. */
function seenIn(from: string, to: string): Pick<RolloutInput, 'graph'> {
  const window = { from, to };
  return {
    graph: buildCallGraph(worldFrom(SHOP), [{ source: 'calls.csv', window, seesUnmeshed: true, rows: SHOP_CALLS }]),
  };
}

test('a window that ended more than thirty days before the world was read does not count as observed', () => {
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, seenIn('2026-09-01T00:00:00Z', '2026-09-20T00:00:00Z'));
  expect(stageOf(plan, 'strict-shop').state).toBe('outline');
  expect(blockedBy(plan, 'strict-shop')).toContain(
    'calls.csv: the window ended 2026-09-20T00:00:00Z, 42 days before the world was read',
  );
  const recent = planOf(worldFrom(SHOP), SHOP_CALLS, seenIn('2026-09-20T00:00:00Z', '2026-10-03T00:00:00Z'));
  expect(stageOf(recent, 'strict-shop').state).toBe('ready');
});

test('where nobody knows when the world was read, it is said that the age of a window is not known', () => {
  const asOf = { known: false, reason: 'nobody wrote it down' } as const;
  const { graph } = seenIn('2026-10-01T00:00:00Z', '2026-10-09T00:00:00Z');
  const { recent, notes } = usableWindows({ world: { ...worldFrom(SHOP), asOf }, graph });
  expect(recent).toHaveLength(1);
  expect(notes).toEqual(['calls.csv: the window ended 2026-10-09T00:00:00Z, and when the world was read is not known']);
});

test('a window whose watcher could not see everything does not count as observed, and the reason is named', () => {
  const window = { from: '2026-09-20T00:00:00Z', to: '2026-10-03T00:00:00Z' };
  const watcher = {
    source: 'prometheus',
    window,
    seesUnmeshed: true,
    gaps: ['its proxies were scraped 97 % of the time'],
  };
  const graph = buildCallGraph(worldFrom(SHOP), [{ ...watcher, rows: SHOP_CALLS }]);
  const plan = planOf(worldFrom(SHOP), SHOP_CALLS, { graph });
  expect(stageOf(plan, 'strict-shop').state).toBe('outline');
  expect(blockedBy(plan, 'strict-shop')).toContain('prometheus: its proxies were scraped 97 % of the time');
});

test('sightings by the proxies of servers count as observed, although their watcher does not see everybody', () => {
  const window = { from: '2026-09-20T00:00:00Z', to: '2026-10-03T00:00:00Z' };
  const stateOfStrict = (seesUnmeshed: boolean) => {
    const rows = SHOP_CALLS.map((row) => ({ ...row, source: 'prometheus: series', seesUnmeshed }));
    const graph = buildCallGraph(worldFrom(SHOP), [{ source: 'prometheus', window, seesUnmeshed: false, rows }]);
    return stageOf(planOf(worldFrom(SHOP), SHOP_CALLS, { graph }), 'strict-shop').state;
  };
  expect([stateOfStrict(true), stateOfStrict(false)]).toEqual(['ready', 'outline']);
});

const REMOTE: readonly (readonly [string, JsonObject])[] = [
  [
    'Gateway istio-system/eastwest',
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'eastwest', namespace: 'istio-system' },
      spec: { servers: [{ port: { number: 15443, protocol: 'TLS' }, tls: { mode: 'AUTO_PASSTHROUGH' } }] },
    },
  ],
  [
    'WorkloadEntry shop/vm',
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: { name: 'vm', namespace: 'shop' },
      spec: { address: '10.0.0.5' },
    },
  ],
  [
    'ServiceEntry shop/far',
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'far', namespace: 'shop' },
      spec: { hosts: ['far.example'], endpoints: [{ address: '10.0.0.6', network: 'vm-net' }] },
    },
  ],
  [
    'Service istio-system/eastwest',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'eastwest', namespace: 'istio-system', labels: { 'topology.istio.io/network': 'one' } },
      spec: { ports: [{ port: 15443 }] },
    },
  ],
  [
    'Link linkerd-multicluster/west',
    {
      apiVersion: 'multicluster.linkerd.io/v1alpha2',
      kind: 'Link',
      metadata: { name: 'west', namespace: 'linkerd-multicluster' },
      spec: {},
    },
  ],
];

test.each(REMOTE)('%s shows callers that no list of this cluster holds, so nothing is cut', (name, object) => {
  const world = worldFrom([...SHOP, object]);
  const plan = planOf(world, SHOP_CALLS);
  const cutting = plan.stages.filter(({ kind, state }) => (kind === 'strict' || kind === 'deny') && state === 'ready');
  expect(cutting).toEqual([]);
  expect(blockedBy(plan, 'strict-shop')).toContain(`a remote cluster or VM may call: unknown caller, as ${name} shows`);
  const waived = stageOf(planOf(world, SHOP_CALLS, { acceptEvidence: 'inferred' }), 'strict-shop');
  expect(waived.state).toBe('waived');
  expect(waived.notes.join('\n')).toContain(name);
});

test('kinds that could show such callers and were not read keep STRICT away as well', () => {
  const some = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'some', namespace: 'other' },
    spec: {},
  };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'workloadentries.networking.istio.io' },
    spec: {},
  };
  const world = worldFrom([...SHOP, some, crd], { forbidden: [KIND.workloadEntry] });
  expect(blockedBy(planOf(world, SHOP_CALLS), 'strict-shop')).toContain('WorkloadEntry objects may not be read');
});

test('a job that runs once a month makes the window a month long, whether or not it is known to call', () => {
  const plan = planOf(worldFrom([...SHOP, cronJob('shop', 'monthly', '0 3 1 * *')]), SHOP_CALLS);
  expect(stageOf(plan, 'strict-shop').state).toBe('outline');
  expect(JSON.stringify(stageOf(plan, 'strict-shop').blockedBy)).toContain('31 days');
});

test('a job that no window shows keeps STRICT away until its calls were seen, or inferred evidence is accepted', () => {
  const world = worldFrom([...SHOP, cronJob('shop', 'yearly', '0 3 1 1 *')]);
  expect(blockedBy(planOf(world, SHOP_CALLS), 'strict-pay')).toContain('not observable in time: shop/CronJob/yearly');
  expect(stageOf(planOf(world, SHOP_CALLS, { acceptEvidence: 'inferred' }), 'strict-pay').state).toBe('waived');
  const seen = [...SHOP_CALLS, row('yearly.shop', 'cart.shop')];
  expect(stageOf(planOf(world, seen), 'strict-pay').state).toBe('ready');
});

const FILTER = {
  apiVersion: 'networking.istio.io/v1alpha3',
  kind: 'EnvoyFilter',
  metadata: { name: 'ef', namespace: 'pay' },
  spec: { configPatches: [{ applyTo: 'HTTP_FILTER', match: { context: 'SIDECAR_INBOUND' }, patch: {} }] },
};

test('no stage that cuts is ready while a call to a port that it closes is unknown', () => {
  const plan = planOf(worldFrom([...SHOP, FILTER]), SHOP_CALLS);
  const rows = plan.exceptions.filter(({ workload }) => workload.namespace === 'pay').flatMap(({ ports }) => ports);
  const isClosing = ['strict-pay', 'deny-pay'].map((id) => stageOf(plan, id).state);
  expect(rows.includes(8080) || !isClosing.includes('ready')).toBe(true);
});
