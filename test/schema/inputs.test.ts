import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readConfig } from '../../src/adapters/config/read-config.ts';
import { parseCalls } from '../../src/adapters/files/read-calls.ts';
import { config } from '../../src/schema/contracts/config.ts';
import { faultsOf, validatorOf } from './validate.ts';

/** Mostly what the schema takes; now and then what lies just outside of it. */
const mostly = <T, U>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
const word = mostly(fc.constantFrom('web', 'orders', 'x y', '🙂'), fc.constantFrom('', ' ', '\t', '\u00a0'));
const time = mostly(fc.constantFrom('2026-11-01T00:00:00Z', '2026-11-08T00:00:00+01:00'), fc.constant('soon'));
const odd = fc.oneof(fc.integer(), fc.double(), fc.constantFrom('80', null));
const row = fc.record(
  {
    client: word,
    service: word,
    port: mostly(fc.integer({ min: 1, max: 65_535 }), odd),
    clientKind: word,
    path: word,
    count: mostly(fc.nat(), odd),
    firstSeen: time,
  },
  { requiredKeys: ['client', 'service', 'port'] },
);
const rows = fc.array(row, { minLength: 1, maxLength: 2 });
const file = fc.oneof(rows, fc.record({ calls: rows, seesUnmeshed: fc.boolean() }, { requiredKeys: ['calls'] }));

describe('a calls file', () => {
  const validate = validatorOf('CallsFile');

  it('that the schema takes is read without an error', () => {
    fc.assert(
      fc.property(file, (document) => {
        fc.pre(faultsOf(validate, document).length === 0);
        expect(() => parseCalls(JSON.stringify(document), 'calls.json')).not.toThrow();
      }),
      { numRuns: 300, maxSkipsPerRun: 500 },
    );
  });

  it('is taken with all its columns', () => {
    const call = {
      clientNamespace: 'shop',
      clientKind: 'Deployment',
      client: 'web',
      serviceNamespace: 'shop',
      service: 'orders',
      port: 8080,
      protocol: 'http',
      method: 'GET',
      path: '/orders',
      count: 3,
      firstSeen: '2026-11-01T00:00:00Z',
      lastSeen: '2026-11-07T00:00:00Z',
    };
    const window = { from: '2026-11-01T00:00:00Z', to: '2026-11-08T00:00:00Z' };
    const document = { window, seesUnmeshed: true, calls: [call] };
    expect(faultsOf(validate, document)).toEqual([]);
    const { source: _source, ...read } = parseCalls(JSON.stringify(document), 'c').rows[0] ?? { source: '' };
    expect(read).toEqual(call);
  });

  it.each([
    ['without a client', [{ service: 'orders', port: 80 }]],
    ['without a port', [{ client: 'web', service: 'orders' }]],
    ['with a port that is none', [{ client: 'web', service: 'orders', port: 70_000 }]],
    ['with a misspelt column', [{ client: 'web', service: 'orders', port: 80, clientnamespace: 'shop' }]],
    ['with half a window', { window: { from: '2026-11-01T00:00:00Z' }, calls: [] }],
    ['without a list', { seesUnmeshed: true }],
  ])('%s is refused', (_what, document) => {
    expect(faultsOf(validate, document)).not.toEqual([]);
  });
});

function isRead(document: unknown): boolean {
  try {
    readConfig('meshwise.yaml', JSON.stringify(document));
    return true;
  } catch {
    return false;
  }
}

const CHOICES = {
  owners: { shop: 'Team Shop <shop@example.com>' },
  freezes: [{ from: '2026-12-20', to: '2027-01-04T12:00:00Z', reason: 'holidays' }],
  waves: { maxWorkloads: 4, maxTrafficShare: 0.25, first: ['shop'], last: ['pay'] },
  exclude: [{ what: 'legacy/Deployment/old-app.v1', reason: 'goes away' }],
  coexist: [{ mesh: 'istio', reason: 'moves over in spring' }],
  slo: { errorRatio: 0.001, p99Milliseconds: 250 },
  labels: { 'app.kubernetes.io/part-of': 'rollout', team: 'platform' },
  annotations: { 'example.com/ticket': 'OPS-1: see there' },
  waivers: [{ what: 'shop', reason: 'watched by hand', owner: 'o', expires: '2027-01-31' }],
  accepts: [{ stage: 'strict-shop', opens: 'x', reason: 'r', owner: 'o', expires: '2027-01-31' }],
  traps: [{ trap: 'P12', what: 'shop/Deployment/cart', reason: 'r', owner: 'o', expires: '2027-01-31' }],
  splitServiceAccounts: true,
  meshWide: false,
};

describe('meshwise.yaml', () => {
  const validate = validatorOf('Config');
  const waiver = {
    check: 'host-network',
    object: 'Deployment shop/cart',
    reason: 'r',
    owner: 'o',
    expires: '2027-01-31',
  };

  it.each([
    ['nothing', {}],
    ['a waiver', { waivers: [waiver] }],
    ['every choice about a rollout', { plan: CHOICES }],
    ['a plan without choices', { plan: {} }],
    ['a waiver until an hour', { waivers: [{ ...waiver, expires: '2027-01-31T12:00:00+01:00' }] }],
  ])('may hold %s, by JSON Schema and by the program', (_what, document) => {
    expect(faultsOf(validate, document)).toEqual([]);
    expect(config.safeParse(document).success).toBe(true);
    expect(isRead(document)).toBe(true);
  });

  const { owner: _owner, ...ownerless } = waiver;
  it.each([
    ['an unknown key', { wavers: [waiver] }],
    ['an unknown key of a waiver', { waivers: [{ ...waiver, until: '2027-01-31' }] }],
    ['a waiver without an owner', { waivers: [ownerless] }],
    ['a waiver with an empty reason', { waivers: [{ ...waiver, reason: ' ' }] }],
    ['a waiver that ends on no date', { waivers: [{ ...waiver, expires: 'next year' }] }],
    ['a waiver that ends on a day that does not exist', { waivers: [{ ...waiver, expires: '2027-02-30' }] }],
    ['a waiver that ends at an hour of nowhere', { waivers: [{ ...waiver, expires: '2027-01-31T12:00:00' }] }],
    ['a check that is no id', { waivers: [{ ...waiver, check: 'Host Network' }] }],
    ['waivers that are nothing', { waivers: null }],
    ['a misspelt choice', { plan: { wave: {} } }],
    ['a plan that is nothing', { plan: null }],
    ['a wave of no workloads', { plan: { waves: { maxWorkloads: 0 } } }],
    ['a share of more than all', { plan: { waves: { maxTrafficShare: 1.5 } } }],
    ['an exclusion of what is no name', { plan: { exclude: [{ what: 'Shop', reason: 'r' }] } }],
    ['a label that steers a mesh', { plan: { labels: { 'istio.io/rev': 'x' } } }],
    ['a label by which objects are known again', { plan: { labels: { 'app.kubernetes.io/managed-by': 'x' } } }],
    ['a label with a value that is none', { plan: { labels: { team: 'a b' } } }],
    ['a freeze without a reason', { plan: { freezes: [{ from: '2026-12-20', to: '2027-01-04' }] } }],
    ['an acceptance without an end', { plan: { accepts: [{ stage: 's', opens: 'x', reason: 'r', owner: 'o' }] } }],
    ['owners', { owners: { shop: 'team shop' } }],
  ])('may not hold %s, by JSON Schema and by the program', (_what, document) => {
    expect(faultsOf(validate, document)).not.toEqual([]);
    expect(config.safeParse(document).success).toBe(false);
    expect(isRead(document)).toBe(false);
  });

  it('is read exactly where the schema takes it', () => {
    const text = fc.constantFrom('unmeshed-callers', 'a b', '', ' ', 'Deployment shop/cart');
    const ends = ['2027-01-31', '2027-02-30', '2028-02-29', '2027-01-31T12:00:00Z', '2027-01-31T12:00Z', 'soon'];
    const values = mostly(fc.oneof(text, fc.constantFrom(...ends)), fc.constantFrom(null, 7, true, ['x'], {}));
    const keys = mostly(fc.constantFrom(...Object.keys(waiver)), fc.constantFrom('until', 'owners'));
    const odd = fc.tuple(keys, values).map(([key, value]) => ({ waivers: [{ ...waiver, [key]: value }] }));
    fc.assert(
      fc.property(odd, (document) => {
        expect(isRead(document), JSON.stringify(document)).toBe(faultsOf(validate, document).length === 0);
      }),
      { numRuns: 500 },
    );
  });
});
