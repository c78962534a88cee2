import { expect, test } from 'vitest';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { worldFrom } from '../../support/build-world.ts';
import { planOf, row, SHOP, SHOP_CALLS, stageOf } from './shop.ts';

const ALIAS: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'alias', namespace: 'shop' },
  spec: { type: 'ExternalName', externalName: 'payments.pay.svc.cluster.local', ports: [{ name: 'http', port: 80 }] },
};
/** A Service of pay without a selector, called by the front. */
const BY_HAND: JsonObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'leader', namespace: 'pay' },
  spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};
const LEADER_ROWS = [...SHOP_CALLS, row('front.shop', 'leader.pay')];

function slice(name: string, ...endpoints: readonly JsonObject[]): JsonObject {
  const metadata = { name: `${name}-1`, namespace: 'pay', labels: { 'kubernetes.io/service-name': name } };
  const ports = [{ name: 'http', port: 8080 }];
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType: 'IPv4', ports, endpoints };
}

function podRef(name: string): JsonObject {
  return { kind: 'Pod', namespace: 'pay', name };
}

const OWN_SLICE = slice('payments', { addresses: ['10.0.0.7'], targetRef: podRef('payments-7d9c5f4b6d-x2x4z') });

const ROWS = [...SHOP_CALLS, row('front.shop', 'alias.shop')];

test.each(['istio-sidecar', 'istio-ambient', 'linkerd'] as const)(
  'towards %s, a server that somebody calls through an ExternalName is cut by no stage, which names both',
  (target: Target) => {
    const plan = planOf(worldFrom([...SHOP, ALIAS]), ROWS, { target });
    const strict = stageOf(plan, 'strict-pay');
    expect(strict.state).toBe('outline');
    expect(strict.blockedBy).toContainEqual(
      expect.objectContaining({
        kind: 'call',
        what: expect.stringMatching(
          /shop\/Deployment\/front calls pay\/Deployment\/payments port 8080 through Service shop\/alias, an ExternalName/,
        ) as string,
      }),
    );
    expect(plan.stages.filter(({ id, state }) => id.startsWith('deny-pay') && state !== 'outline')).toEqual([]);
    expect(stageOf(plan, 'strict-shop').state).toBe('ready');
  },
);

test('no waiver of evidence lets a stage cut a known call through an ExternalName', () => {
  const plan = planOf(worldFrom([...SHOP, ALIAS]), ROWS, { acceptEvidence: 'inferred' });
  expect(stageOf(plan, 'strict-pay').state).toBe('outline');
});

test('an ExternalName that nobody calls, or that stands for a host elsewhere, holds nothing up', () => {
  expect(stageOf(planOf(worldFrom([...SHOP, ALIAS]), SHOP_CALLS), 'deny-pay').state).toBe('ready');
  const elsewhere = { ...ALIAS, spec: { type: 'ExternalName', externalName: 'pay.example.com' } };
  expect(stageOf(planOf(worldFrom([...SHOP, elsewhere]), ROWS), 'strict-pay').state).toBe('ready');
});

test.each<[string, readonly JsonObject[]]>([
  ['there is no EndpointSlice', []],
  [
    'its EndpointSlice holds an address of which nobody knows whose it is',
    [slice('leader', { addresses: ['10.0.0.7'] })],
  ],
  [
    'its EndpointSlice names a pod that bears no name of a known shape',
    [slice('leader', { addresses: ['10.0.0.7'], targetRef: podRef('payments-abc123-0') })],
  ],
  [
    'its address is one of a pod that another EndpointSlice names',
    [OWN_SLICE, slice('leader', { addresses: ['10.0.0.7'] })],
  ],
])('the servers of a namespace wait for a known caller of a Service without a selector where %s', (_case, slices) => {
  for (const target of ['istio-sidecar', 'istio-ambient', 'linkerd'] as const) {
    const plan = planOf(worldFrom([...SHOP, BY_HAND, ...slices]), LEADER_ROWS, { target });
    const strict = stageOf(plan, 'strict-pay');
    expect(strict.state).toBe('outline');
    expect(strict.blockedBy.map(({ what }) => what).join()).toMatch(
      /shop\/Deployment\/front calls .*Service pay\/leader/,
    );
    expect(plan.stages.filter(({ id, state }) => id.startsWith('deny-pay') && state !== 'outline')).toEqual([]);
    expect(stageOf(plan, 'strict-shop').state).toBe('ready');
  }
});

test('a Service without a selector whose addresses are none of the pods here holds nothing up', () => {
  const elsewhere = slice('leader', { addresses: ['10.9.9.9'] });
  const plan = planOf(worldFrom([...SHOP, BY_HAND, OWN_SLICE, elsewhere]), LEADER_ROWS);
  expect(stageOf(plan, 'strict-pay').state).toBe('ready');
});

test('a call to the API server holds up no server of the namespace default, read or not', () => {
  const objects = SHOP.map((each) => JSON.parse(JSON.stringify(each).replaceAll('"pay"', '"default"')) as JsonObject);
  const api = { ...BY_HAND, metadata: { name: 'kubernetes', namespace: 'default' } };
  const rows = [
    row('front.shop', 'cart.shop'),
    row('cart.shop', 'payments.default'),
    row('payments.default', 'front.shop'),
  ];
  const plan = planOf(worldFrom([...objects, api]), [...rows, row('front.shop', 'kubernetes.default')]);
  expect(stageOf(plan, 'strict-default').state).toBe('ready');
});
