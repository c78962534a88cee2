import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EVERYWHERE,
  networksHold,
  networksOf,
  readNetworks,
} from '../../../../../src/domain/mesh/linkerd/policy/networks.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';

const octet = fc.integer({ min: 0, max: 3 });
const ip = fc.tuple(octet, octet).map(([third, fourth]) => `10.0.${String(third)}.${String(fourth)}`);
const length = fc.integer({ min: 16, max: 32 });

function inBlock(address: string, block: string, bits: number): boolean {
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  return Math.floor(number(address) / size) === Math.floor(number(block) / size);
}

describe('networks', () => {
  test('hold the addresses of their blocks without the exceptions', () => {
    fc.assert(
      fc.property(ip, fc.tuple(ip, length), fc.tuple(ip, length), (address, [block, bits], [except, exceptBits]) => {
        const raw = [{ cidr: `${block}/${String(bits)}`, except: [`${except}/${String(exceptBits)}`] }];
        const held = networksHold(known(readNetworks(raw) ?? []), known(address));
        expect(held).toEqual(known(inBlock(address, block, bits) && !inBlock(address, except, exceptBits)));
      }),
    );
  });

  test('hold an address that is not known only where they hold all of both families', () => {
    const nobody = unknown('not known');
    expect(networksHold(EVERYWHERE, nobody)).toEqual(known(true));
    expect(networksHold(networksOf(known(['0.0.0.0/0']), 'x'), nobody)).toEqual(nobody);
    expect(
      networksHold(known(readNetworks([{ cidr: '::/0', except: ['::1'] }, { cidr: '0.0.0.0/0' }]) ?? []), nobody),
    ).toEqual(nobody);
    expect(networksHold(known([]), nobody)).toEqual(known(false));
  });

  test('are not known where a block cannot be read', () => {
    expect(networksOf(known(['10.0.0.0/8', 'everything']), 'clusterNetworks').known).toBe(false);
    expect(readNetworks([{ cidr: '10.0.0.0/8', except: ['x'] }])).toBeUndefined();
  });
});
