import { expect, test } from 'vitest';
import { namespace, node, workload } from '../../../support/build-world.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { MIGRATES } from '../traps/trap-objects.ts';
import { trap, type Trapped } from '../traps/trap-world.ts';
import { row, SHOP, SHOP_CALLS } from '../shop.ts';

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'baseline' };
const OLD = { world: { kubernetesVersion: 'v1.28.0' } };

function shopWithInit(labels: Readonly<Record<string, string>>, podSpec: JsonObject = MIGRATES): readonly JsonObject[] {
  return [
    node('node-1', 'v1.28.0'),
    namespace('shop', labels),
    namespace('pay'),
    ...SHOP.slice(3),
    workload('shop', 'app', { podSpec }),
  ];
}

function textsOf({ wave }: Trapped): string {
  const { entryGate, notes } = wave('app');
  return [...entryGate.map(({ text }) => text), ...notes].join('\n');
}

test.each(['istio-sidecar', 'linkerd'] as const)(
  'under the CNI plugin of %s, a wave with an init container that was seen calling somebody is blocked',
  (target) => {
    const rows = [...SHOP_CALLS, row('app.shop', 'payments.pay')];
    const { wave } = trap(shopWithInit(RESTRICTED), { ...OLD, rows, input: { target } });
    expect(wave('app').state).toBe('blocked');
    expect(
      wave('app')
        .blockedBy.map(({ what }) => what)
        .join('\n'),
    ).toContain('init container migrate of shop/Deployment/app calls');
  },
);

test('under the CNI plugin, an init container whose call is only a guess leaves a question to a person', () => {
  const trapped = trap(shopWithInit(RESTRICTED), OLD);
  expect(trapped.wave('app').entryGate.map(({ id }) => id)).toContain('init-network-deployment-app');
  expect(textsOf(trapped)).toContain('init container migrate has no network then');
});

test('without the CNI plugin nobody asks for the network of an init container', () => {
  const trapped = trap(shopWithInit({}), { ...OLD, rows: [...SHOP_CALLS, row('app.shop', 'payments.pay')] });
  expect(trapped.wave('app').state).toBe('ready');
  expect(textsOf(trapped)).not.toContain('has no network');
});
