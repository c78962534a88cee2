import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../../../src/domain/kubernetes/object.ts';
import { effectiveMode, modeOnPort, namespaceMode } from '../../../../../src/domain/mesh/istio/mtls/effective-mode.ts';
import {
  parsePeerAuthentication,
  type PeerAuthentication,
} from '../../../../../src/domain/mesh/istio/mtls/peer-authentication.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

interface PolicyText {
  readonly name: string;
  readonly namespace: string;
  readonly created?: string;
  readonly mode?: string;
  readonly selector?: Record<string, string>;
  readonly ports?: Record<string, string>;
  readonly origin?: Origin;
}

const policy = ({ name, namespace, created, mode, selector, ports, origin }: PolicyText): PeerAuthentication =>
  parsePeerAuthentication({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {
      name,
      namespace,
      ...(created === undefined ? {} : { creationTimestamp: created }),
      labels: {},
      annotations: {},
      ownerReferences: [],
    },
    origin: origin ?? { from: 'read' },
    spec: {
      ...(selector === undefined ? {} : { selector: { matchLabels: selector } }),
      ...(mode === undefined ? {} : { mtls: { mode } }),
      ...(ports === undefined
        ? {}
        : { portLevelMtls: Object.fromEntries(Object.entries(ports).map(([port, m]) => [port, { mode: m }])) }),
    },
  });

const workload = { namespace: 'shop', labels: { app: 'cart' } };
const resolve = (...policies: PeerAuthentication[]) =>
  effectiveMode({ policies, workload, rootNamespace: 'istio-system' });
const T0 = '2026-01-01T00:00:00Z';
const T1 = '2026-01-01T00:00:01Z';
const modes = fc.constantFrom('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT');

const anyPolicy = fc
  .record(
    {
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      namespace: fc.constantFrom('shop', 'istio-system', 'other'),
      created: fc.constantFrom(T0, T1),
      mode: modes,
      selector: fc.constantFrom({}, { app: 'cart' }, { app: 'web' }),
      ports: fc.dictionary(fc.constantFrom('80', '9090'), modes),
    },
    { requiredKeys: ['name', 'namespace'] },
  )
  .map(policy);

const anyPolicies = fc.uniqueArray(anyPolicy, {
  maxLength: 6,
  selector: ({ name, namespace }) => `${namespace}/${name}`,
});

const facts = (effective: ReturnType<typeof resolve>) => ({
  mode: effective.mode,
  ports: Object.fromEntries(Object.entries(effective.ports).map(([port, { mode }]) => [port, mode])),
});

describe('the effective mode', () => {
  it('does not depend on the order of the policies', () => {
    fc.assert(
      fc.property(anyPolicies, fc.nat(), (policies, seed) => {
        const turned = policies
          .map((_, index) => policies[(index + seed) % policies.length])
          .filter((p) => p !== undefined);
        expect(facts(resolve(...turned.reverse()))).toEqual(facts(resolve(...policies)));
      }),
    );
  });

  it('does not change when an ignored policy goes away', () => {
    fc.assert(
      fc.property(anyPolicies, (policies) => {
        const all = resolve(...policies);
        const ignored = new Set(all.ignored.map(({ policy: { namespace, name } }) => `${namespace ?? ''}/${name}`));
        const kept = policies.filter(({ namespace, name }) => !ignored.has(`${namespace}/${name}`));
        expect(facts(resolve(...kept))).toEqual(facts(all));
      }),
    );
  });

  it('is known only if every date that a policy without one may have gives the same', () => {
    fc.assert(
      fc.property(anyPolicies, fc.array(fc.constantFrom(T0, T1), { minLength: 6, maxLength: 6 }), (policies, dates) => {
        const unsure = resolve(...policies);
        const dated = policies.map((p, index) =>
          p.age.age === 'unknown' ? { ...p, age: { age: 'created', at: Date.parse(dates[index] ?? T0) } as const } : p,
        );
        if (unsure.mode.known) expect(resolve(...dated).mode).toEqual(unsure.mode);
      }),
    );
  });

  it('names both rivals where their age is not known and they differ', () => {
    const effective = resolve(
      policy({ name: 'a', namespace: 'shop', mode: 'STRICT' }),
      policy({ name: 'b', namespace: 'shop', mode: 'PERMISSIVE' }),
    );
    expect(effective.mode.known ? '' : effective.mode.reason).toContain(
      'PeerAuthentication shop/a and PeerAuthentication shop/b',
    );
  });

  it('is known where rivals of unknown age agree, or a more specific policy decides', () => {
    const rivals = [
      policy({ name: 'a', namespace: 'shop', mode: 'STRICT' }),
      policy({ name: 'b', namespace: 'shop', mode: 'PERMISSIVE' }),
    ];
    expect(
      resolve(
        policy({ name: 'a', namespace: 'shop', mode: 'STRICT' }),
        policy({ name: 'b', namespace: 'shop', mode: 'STRICT' }),
      ).mode,
    ).toEqual(known('STRICT'));
    const own = policy({ name: 'w', namespace: 'shop', mode: 'DISABLE', selector: { app: 'cart' } });
    expect(resolve(...rivals, own).mode).toEqual(known('DISABLE'));
  });

  it('lets a planned policy lose against one that exists, dated or not', () => {
    const planned = policy({ name: 'a', namespace: 'shop', mode: 'STRICT', origin: { from: 'planned', by: '41' } });
    expect(resolve(planned, policy({ name: 'z', namespace: 'shop', mode: 'PERMISSIVE' })).mode).toEqual(
      known('PERMISSIVE'),
    );
    expect(resolve(planned, policy({ name: 'z', namespace: 'shop', mode: 'PERMISSIVE', created: T1 })).mode).toEqual(
      known('PERMISSIVE'),
    );
    expect(resolve(planned).mode).toEqual(known('STRICT'));
  });

  it('gives a port that the losing policy names the mode of the workload', () => {
    const selector = { app: 'cart' };
    const effective = resolve(
      policy({ name: 'b', namespace: 'shop', created: T1, selector, ports: { '9090': 'DISABLE' } }),
      policy({ name: 'a', namespace: 'shop', created: T0, mode: 'STRICT', selector, ports: { '80': 'PERMISSIVE' } }),
    );
    expect([80, 9090].map((port) => modeOnPort(effective, port).mode)).toEqual([known('PERMISSIVE'), known('STRICT')]);
    expect(effective.ignored.map(({ policy: { name } }) => name)).toEqual(['b']);
  });

  it('is unknown where there may be more policies or the mode is no mode', () => {
    const gap = effectiveMode({ policies: [], workload, rootNamespace: 'istio-system', gap: 'not read' });
    expect(gap.mode).toEqual({ known: false, reason: 'not read' });
    expect(resolve(policy({ name: 'a', namespace: 'shop', created: T0, mode: 'strict' })).mode.known).toBe(false);
  });

  it('says nothing about policies with a selector to clients of a namespace', () => {
    const ask = (...policies: PeerAuthentication[]) =>
      namespaceMode({ policies, namespace: 'shop', rootNamespace: 'istio-system' });
    const own = policy({ name: 'w', namespace: 'shop', mode: 'STRICT', selector: { app: 'cart' } });
    expect(ask(own)).toEqual(known('none'));
    expect(ask(own, policy({ name: 'n', namespace: 'shop', mode: 'UNSET' }))).toEqual(known('PERMISSIVE'));
    expect(ask(own, policy({ name: 'm', namespace: 'istio-system', mode: 'STRICT' }))).toEqual(known('STRICT'));
  });
});
