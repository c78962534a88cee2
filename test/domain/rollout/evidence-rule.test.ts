import { expect, test } from 'vitest';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import type { SeenCall } from '../../../src/domain/calls/call.ts';
import { evidenceRule, type PortEvidence } from '../../../src/domain/rollout/evidence-rule.ts';
import { OWN_PORTS } from '../../../src/domain/rollout/proxy-ports.ts';
import { at, type JsonObject } from '../../../src/lib/json.ts';
import { service, workload, worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const PROBE = { readinessProbe: { httpGet: { port: 9000, path: '/ready' } } };
const SCRAPED = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' };

function scraped(manifest: JsonObject): JsonObject {
  const text = JSON.stringify(manifest).replace(
    '"template":{"metadata":{',
    `"template":{"metadata":{"annotations":${JSON.stringify(SCRAPED)},`,
  );
  return JSON.parse(text) as JsonObject;
}

interface Watcher {
  readonly seesUnmeshed?: boolean;
  readonly to?: string;
}

/** The evidence of each port of `shop/Deployment/cart`. */
function evidence(
  objects: readonly JsonObject[],
  rows: readonly SeenCall[],
  watcher: Watcher = {},
): Record<string, PortEvidence> {
  const world = worldFrom(objects);
  const window = { from: '2026-10-20T00:00:00Z', to: watcher.to ?? '2026-10-30T00:00:00Z' };
  const graph = buildCallGraph(world, [
    { source: 'calls.csv', window, seesUnmeshed: watcher.seesUnmeshed ?? true, rows },
  ]);
  const rule = evidenceRule({
    world,
    graph,
    target: 'istio-sidecar',
    goal: 'strict',
    acceptEvidence: 'observed',
    choices: NO_CHOICES,
    meshwiseVersion: '0',
    fingerprint: '0',
    warnings: [],
  });
  const ports = rule.ports.get('shop/Deployment/cart') ?? [];
  return Object.fromEntries(ports.map(({ port, evidence: known }) => [String(port.port), known]));
}

const CART = [
  scraped(workload('shop', 'cart', { container: PROBE })),
  service('shop', 'cart'),
  workload('shop', 'front'),
];

test('a probe or a scrape is no evidence of who calls a port', () => {
  expect(evidence(CART, [])).toEqual({ '8080': 'none', '9000': 'none', '9100': 'none' });
});

test('a port that only watchers call counts as observed where a window saw others call the workload', () => {
  const rows = [row('front.shop', 'cart.shop')];
  expect(evidence(CART, rows)).toEqual({ '8080': 'observed', '9000': 'observed', '9100': 'observed' });
});

test('a window that is too short, or blind to callers outside a mesh, vouches for no silent port', () => {
  const rows = [row('front.shop', 'cart.shop')];
  const expected = { '8080': 'declared', '9000': 'none', '9100': 'none' };
  expect(evidence(CART, rows, { seesUnmeshed: false })).toEqual(expected);
  expect(evidence(CART, rows, { to: '2026-10-21T00:00:00Z' })).toEqual(expected);
});

test('a port behind a Service needs callers of its own', () => {
  const both = [
    CART[0] ?? {},
    service('shop', 'cart'),
    service('shop', 'cart-metrics', { port: 9100, targetPort: 9100 }),
  ];
  const selected = JSON.parse(JSON.stringify(both).replaceAll('"app":"cart-metrics"', '"app":"cart"')) as JsonObject[];
  const known = evidence([...selected, workload('shop', 'front')], [row('front.shop', 'cart.shop')]);
  expect([known['8080'], known['9100']]).toEqual(['observed', 'none']);
});

test('a call of Prometheus itself is a scrape, however it was seen', () => {
  const prometheus = workload('metrics', 'prometheus', { container: { image: 'prom/prometheus:v3' } });
  expect(evidence([...CART, prometheus], [row('prometheus.metrics', 'cart.shop')])['8080']).toBe('none');
});

test('ports of the sidecar never need evidence', () => {
  const agent = workload('shop', 'cart', { port: 15020 });
  expect(evidence([agent, service('shop', 'cart', { targetPort: 15020 })], [])).toEqual({});
  expect([15000, 15008, 15020, 15021, 15090, 14999, 15009, 8080].filter(OWN_PORTS['istio-sidecar'])).toEqual([
    15000, 15008, 15020, 15021, 15090,
  ]);
});

test('declared evidence is not met by a port that only the kubelet probes', () => {
  const cart = workload('shop', 'cart', { container: { ...PROBE, ports: [] } });
  const objects = [...SHOP.filter(({ kind }) => kind === 'Namespace'), cart];
  const plan = planOf(worldFrom(objects, { basis: 'declared' }), [], { acceptEvidence: 'declared' });
  const strict = stageOf(plan, 'strict-shop');
  expect(strict.state).toBe('outline');
  expect(strict.blockedBy.map(({ what }) => what)).toEqual([
    'shop/Deployment/cart port 9000: evidence of its callers is none, declared is asked for',
  ]);
});

const GOSSIP = workload('shop', 'cart', { container: { ports: [{ containerPort: 8080 }, { containerPort: 9000 }] } });
const UNLISTED = [GOSSIP, service('shop', 'cart'), workload('shop', 'front'), workload('shop', 'peer', { port: 7000 })];

test('a declared port that no Service lists is known only where the window names ports of pods', () => {
  const byService = row('front.shop', 'cart.shop');
  expect(evidence(UNLISTED, [byService])).toEqual({ '8080': 'observed', '9000': 'none' });
  const { service: _service, port: _port, ...flow } = row('front.shop', 'peer.shop');
  const byPod = { ...flow, server: 'peer', serverNamespace: 'shop', targetPort: 7000 };
  expect(evidence(UNLISTED, [byService, byPod])).toEqual({ '8080': 'observed', '9000': 'observed' });
  expect(evidence(UNLISTED, [byPod])).toEqual({ '8080': 'none', '9000': 'none' });
});

test('a port over UDP, or of a proxy, that no Service lists asks for no evidence', () => {
  const ports = [{ containerPort: 8080 }, { containerPort: 9000, protocol: 'UDP' }, { containerPort: 15090 }];
  const objects = [workload('shop', 'cart', { container: { ports } }), service('shop', 'cart')];
  expect(evidence(objects, [])).toEqual({ '8080': 'none' });
});

test.each(['istio-sidecar', 'istio-ambient', 'linkerd'] as const)(
  'towards %s no deny refuses an unlisted port of whose callers a table of Services says nothing',
  (target) => {
    const objects = [...SHOP.filter(({ metadata }) => !isCart(metadata)), GOSSIP, service('shop', 'cart')];
    const plan = planOf(worldFrom(objects), SHOP_CALLS, { target });
    const what = 'shop/Deployment/cart port 9000';
    const strict = stageOf(plan, 'strict-shop');
    const pages = JSON.stringify([strict.notes, strict.blockedBy]);
    expect(pages).toContain(what);
    const denied = JSON.stringify(plan.stages.flatMap(({ steps }) => steps));
    if (target === 'linkerd') expect(denied).not.toContain('"port":9000');
    else expect([strict.state, stageOf(plan, 'deny-shop').state]).toEqual(['outline', 'outline']);
  },
);

function isCart(metadata: unknown): boolean {
  return at(metadata, 'name') === 'cart';
}
