import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../../../src/domain/kubernetes/object.ts';
import { lookUpRule, type RuleQuery } from '../../../../../src/domain/mesh/istio/destination-rule/lookup.ts';
import { parseDestinationRule, resolveHost } from '../../../../../src/domain/mesh/istio/destination-rule/parse.ts';
import type { DestinationRule } from '../../../../../src/domain/mesh/istio/destination-rule/rule.ts';

const QUERY: RuleQuery = {
  rootNamespace: 'istio-system',
  defaultExportTo: ['*'],
  client: { namespace: 'front', labels: { app: 'web' } },
  service: { namespace: 'shop', host: 'cart.shop.svc.cluster.local' },
};

interface Given {
  readonly namespace: string;
  readonly spec: unknown;
  readonly created?: string;
  readonly origin?: Origin;
}

function rule(name: string, { namespace, spec, created, origin }: Given): DestinationRule {
  const metadata = { name, namespace, labels: {}, annotations: {}, ownerReferences: [] };
  return parseDestinationRule(
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: created === undefined ? metadata : { ...metadata, creationTimestamp: created },
      origin: origin ?? { from: 'read' },
      spec,
    },
    'cluster.local',
  );
}

function names(rules: readonly DestinationRule[], query: RuleQuery = QUERY): readonly string[] | string {
  const found = lookUpRule(rules, query);
  return found.known ? (found.value?.refs.map((ref) => ref.name) ?? []) : found.reason;
}

const tls = (mode: string): unknown => ({ host: 'cart', trafficPolicy: { tls: { mode } } });

describe('looking up the DestinationRule of a service', () => {
  it('resolves a short host in the namespace of the rule', () => {
    expect(names([rule('own', { namespace: 'front', spec: { host: 'cart' } })])).toEqual([]);
    expect(names([rule('theirs', { namespace: 'shop', spec: { host: 'cart' } })])).toEqual(['theirs']);
    expect(resolveHost('*.local', 'shop', 'cluster.local')).toBe('*.local');
  });

  it('uses the older of two rules, and what is planned is the youngest', () => {
    const read = rule('a', { namespace: 'shop', spec: tls('SIMPLE') });
    const planned = rule('b', { namespace: 'shop', spec: tls('DISABLE'), origin: { from: 'planned', by: 'plan' } });
    const found = lookUpRule([planned, read], QUERY);
    expect(found.known && found.value?.trafficPolicy?.tls?.mode).toBe('SIMPLE');
  });

  it('names both rules where their ages decide and were not read', () => {
    const rules = ['a', 'b'].map((name, index) =>
      rule(name, { namespace: 'shop', spec: tls(index === 0 ? 'SIMPLE' : 'DISABLE') }),
    );
    expect(names(rules)).toMatch(/DestinationRule shop\/a and DestinationRule shop\/b/);
  });

  it('merges rules that do not rival without knowing their ages', () => {
    const first = rule('a', { namespace: 'shop', spec: tls('SIMPLE') });
    const second = rule('b', { namespace: 'shop', spec: { host: 'cart', subsets: [{ name: 'v1' }] } });
    expect(names([second, first])).toEqual(['a', 'b']);
  });

  it('prefers a rule that selects the client, and then uses no other for it', () => {
    const host = QUERY.service.host;
    const selecting = rule('web', {
      namespace: 'front',
      spec: { host, workloadSelector: { matchLabels: { app: 'web' } } },
    });
    const other = rule('api', {
      namespace: 'front',
      spec: { host, workloadSelector: { matchLabels: { app: 'api' } } },
    });
    const open = rule('all', { namespace: 'front', spec: { host } });
    expect(names([open, other, selecting])).toEqual(['web']);
    expect(names([open, other])).toEqual(['all']);
    expect(names([other, rule('service', { namespace: 'shop', spec: { host } })])).toEqual([]);
  });

  it('does not depend on the order of the rules', () => {
    const arbitrary = fc.record({
      namespace: fc.constantFrom('front', 'shop', 'istio-system'),
      host: fc.constantFrom('cart', QUERY.service.host, '*.local', '*'),
      exportTo: fc.constantFrom([], ['.'], ['*'], ['front'], ['shop']),
      created: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      mode: fc.constantFrom('DISABLE', 'ISTIO_MUTUAL'),
    });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 5 }), (list) => {
        const rules = list.map(({ namespace, host, exportTo, created, mode }, index) =>
          rule(`r${String(index)}`, { namespace, created, spec: { host, exportTo, trafficPolicy: { tls: { mode } } } }),
        );
        expect(lookUpRule([...rules].reverse(), QUERY).known).toBe(lookUpRule(rules, QUERY).known);
        const [forth, back] = [lookUpRule(rules, QUERY), lookUpRule([...rules].reverse(), QUERY)];
        if (forth.known) expect(back).toEqual(forth);
      }),
    );
  });

  it('takes any spec without throwing, and does not decide by what it cannot read', () => {
    fc.assert(
      fc.property(fc.anything(), (spec) => {
        expect(rule('x', { namespace: 'shop', spec }).namespace).toBe('shop');
      }),
    );
    expect(names([rule('bad', { namespace: 'shop', spec: tls('STRICT') })])).toMatch(/cannot be read/);
  });
});
