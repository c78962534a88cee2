import { expect, test } from 'vitest';
import { hidingAddresses } from '../../../../src/domain/world/hide-names/hide-addresses.ts';

test('addresses become hosts that nobody has, the same for the same, and none is left inside a text', () => {
  const visit = hidingAddresses((text) => text);
  const seen = ['10.1.2.3', '2001:db8::1', '10.1.2.3'].map((text) => visit(text, 'name'));
  expect(seen).toEqual(['address-1.example', 'address-2.example', 'address-1.example']);
  expect(visit('/users/10.77.5.5/orders', 'name')).toBe('/users/address/orders');
  expect(visit('1.2.3', 'name')).toBe('1.2.3');
});

test('what is of a vocabulary stays', () => {
  expect(hidingAddresses((text) => text)('10.1.2.3', 'fixed')).toBe('10.1.2.3');
});
