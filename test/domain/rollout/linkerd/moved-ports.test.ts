import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { asObject } from '../../../../src/lib/json.ts';
import { workload } from '../../../support/build-world.ts';
import { SHOP } from '../shop.ts';
import { annotated, shopWith } from '../traps/trap-objects.ts';
import { towardsLinkerd } from '../traps/trap-world.ts';

const PORTS = ['inbound', 'outbound', 'admin', 'control'] as const;

function told(port: string, value: string): readonly JsonObject[] {
  const said = { [`config.linkerd.io/${port}-port`]: value };
  return shopWith('Deployment', 'payments', () => annotated(workload('pay', 'payments'), said));
}

test.each(PORTS)('annotation %s-port of a template stops the wave of the workload', (port) => {
  const { wave } = towardsLinkerd(told(port, '5143'));
  expect(wave('payments').state).toBe('blocked');
  expect(wave('payments').blockedBy[0]?.what).toContain(`annotation config.linkerd.io/${port}-port (5143)`);
  expect(wave('cart').state).toBe('ready');
});

test('so does that of its namespace, unless the template says the usual port', () => {
  const home = (object: JsonObject): JsonObject =>
    object['kind'] === 'Namespace' && asObject(object['metadata'])?.['name'] === 'pay'
      ? { ...object, metadata: { name: 'pay', annotations: { 'config.linkerd.io/inbound-port': '5143' } } }
      : object;
  expect(towardsLinkerd(SHOP.map(home)).wave('payments').state).toBe('blocked');
  expect(towardsLinkerd(told('inbound', '4143').map(home)).wave('payments').state).toBe('ready');
});
