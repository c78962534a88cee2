import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { cidrContains, cidrsOverlap, parseCidr, parseIp } from '../../../src/domain/kubernetes/cidr.ts';

function contains(cidr: string, ip: string): boolean | undefined {
  const parsed = parseCidr(cidr);
  return parsed && cidrContains(parsed, ip);
}

describe('parseIp', () => {
  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.0.0.1',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'fe80::1%eth0',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it.each(['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', '::1.2.3', '1.2.3.4::', ':1:2:3:4:5:6:7'])(
    'refuses %j as IPv6',
    (text) => {
      expect(parseIp(text)).toBeUndefined();
    },
  );

  it('takes an IPv4-mapped IPv6 address as IPv4', () => {
    expect(parseIp('::ffff:10.0.0.1')).toEqual(parseIp('10.0.0.1'));
  });

  property.prop([fc.ipV4()])('reads every IPv4 address', (text) => {
    expect(parseIp(text)?.family).toBe(4);
  });

  property.prop([fc.ipV6()])('reads every IPv6 address', (text) => {
    expect(parseIp(text)).toBeDefined();
  });
});

describe('parseCidr', () => {
  it('takes a bare address as a block of one', () => {
    expect(parseCidr('10.1.2.3')?.prefixLength).toBe(32);
    expect(parseCidr('fd00::1')?.prefixLength).toBe(128);
  });

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/08', '/8', '10.0.0.0/8/8', 'all'])(
    'refuses %j',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  property.prop([fc.string()])('never throws on any text', (text) => {
    expect(() => parseCidr(text)).not.toThrow();
  });
});

describe('cidrContains', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '10.0.0.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['192.168.1.1', '192.168.1.1', true],
    ['10.0.0.0/8', 'not an address', false],
  ])('%s contains %s: %s', (cidr, ip, expected) => {
    expect(contains(cidr, ip)).toBe(expected);
  });

  property.prop([fc.ipV4(), fc.integer({ min: 0, max: 32 })])(
    'holds for the address a block was made of',
    (ip, length) => {
      expect(contains(`${ip}/${String(length)}`, ip)).toBe(true);
    },
  );
});

describe('cidrsOverlap', () => {
  const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, length]) => `${ip}/${String(length)}`);

  property.prop([cidr, cidr])('is symmetric, and holds where one contains the other’s network', (left, right) => {
    const [first, second] = [parseCidr(left), parseCidr(right)];
    if (first === undefined || second === undefined) throw new Error('the generator made no CIDR');
    const nested =
      contains(left, right.split('/')[0] ?? '') === true || contains(right, left.split('/')[0] ?? '') === true;
    expect(cidrsOverlap(first, second)).toBe(cidrsOverlap(second, first));
    if (cidrsOverlap(first, second)) expect(nested).toBe(true);
    expect(cidrsOverlap(first, first)).toBe(true);
  });

  it('tells disjoint blocks and families apart', () => {
    const [left, right, six] = ['10.0.0.0/9', '10.128.0.0/9', '::/0'].map(parseCidr);
    expect(left && right && cidrsOverlap(left, right)).toBe(false);
    expect(left && six && cidrsOverlap(left, six)).toBe(false);
  });
});
