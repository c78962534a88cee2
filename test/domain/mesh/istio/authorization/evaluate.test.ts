import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../../../src/domain/mesh/istio/authorization/connection.ts';
import {
  evaluateOnEnvoy,
  type PortHandling,
} from '../../../../../src/domain/mesh/istio/authorization/evaluate-on-envoy.ts';
import type { AttachedPolicy } from '../../../../../src/domain/mesh/istio/authorization/evaluate.ts';
import { evaluateOnZtunnel } from '../../../../../src/domain/mesh/istio/authorization/ztunnel.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';
import { FULL, policy } from './fixtures.ts';

const SOURCES = [
  { principals: ['*'] },
  { namespaces: ['front'] },
  { namespaces: ['b*k'] },
  { notNamespaces: ['front'] },
  { serviceAccounts: ['front/web'] },
  { principals: ['cluster.local/ns/front/sa/web'] },
  { ipBlocks: ['10.0.0.0/24'] },
  { notIpBlocks: ['10.0.0.0/24'] },
  { requestPrincipals: ['*'] },
  { trustDomains: ['other'] },
];
const OPERATIONS = [
  { ports: ['8080'] },
  { notPorts: ['8080'] },
  { methods: ['GET'] },
  { notPaths: ['/admin*'] },
  { paths: ['/{*}'], ports: ['8080'] },
  { hosts: ['*.shop'] },
];
const CONDITIONS = [
  { key: 'destination.port', values: ['8080'] },
  { key: 'request.headers[x]', notValues: ['1'] },
  { key: 'no.such.key', values: ['1'] },
];
const rule = fc.record(
  {
    from: fc.array(
      fc.constantFrom(...SOURCES).map((source) => ({ source })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      fc.constantFrom(...OPERATIONS).map((operation) => ({ operation })),
      { minLength: 1, maxLength: 2 },
    ),
    when: fc.array(fc.constantFrom(...CONDITIONS), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const spec = fc.record({
  action: fc.constantFrom('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
  rules: fc.array(rule, { maxLength: 2 }),
});
const policies = fc.array(fc.record({ spec, isDoubtful: fc.boolean() }), { maxLength: 4 }).map((list) =>
  list.map((entry, index): AttachedPolicy => ({
    policy: policy(`p${String(index)}`, entry.spec),
    ...(entry.isDoubtful ? { doubt: 'its selector may not match' } : {}),
  })),
);
const missing = unknown('nobody looked');
const lessKnown: fc.Arbitrary<Connection> = fc
  .record({ peer: fc.nat(2), ip: fc.boolean(), request: fc.boolean(), port: fc.boolean() })
  .map((hidden) => ({
    ...FULL,
    ...(hidden.peer === 0 ? { peer: { kind: 'unknown' as const, reason: 'nobody looked' } } : {}),
    ...(hidden.peer === 1
      ? { peer: { kind: 'workload' as const, namespace: 'front', serviceAccount: missing, trustDomain: missing } }
      : {}),
    ...(hidden.ip ? { sourceIp: missing } : {}),
    ...(hidden.port ? { port: missing } : {}),
    ...(hidden.request
      ? { request: { host: missing, method: missing, path: missing, headers: missing, token: missing } }
      : {}),
  }));
const dataplane = fc.constantFrom<PortHandling | 'ztunnel'>('http', 'tcp', 'auto', 'ztunnel');

function answer(list: readonly AttachedPolicy[], connection: Connection, plane: PortHandling | 'ztunnel'): string {
  if (plane === 'ztunnel') return evaluateOnZtunnel(list, connection).decision;
  return evaluateOnEnvoy(list, connection, { handling: plane, trustDomains: [] }).decision;
}

describe('deciding over AuthorizationPolicies', () => {
  it('answers unknown or the same when it knows less', () => {
    fc.assert(
      fc.property(policies, lessKnown, dataplane, (list, connection, plane) => {
        const blurred = answer(list, connection, plane);
        if (blurred !== 'unknown') expect(answer(list, FULL, plane)).toBe(blurred);
      }),
    );
  });

  it('answers what holds whether a doubtful policy is attached or not', () => {
    fc.assert(
      fc.property(policies, dataplane, (list, plane) => {
        const doubted = answer(list, FULL, plane);
        const attached = list.map((entry) => ({ policy: entry.policy }));
        const without = attached.filter((_, index) => list[index]?.doubt === undefined);
        if (doubted === 'unknown') return;
        expect(answer(attached, FULL, plane)).toBe(doubted);
        expect(answer(without, FULL, plane)).toBe(doubted);
      }),
    );
  });

  it('does not depend on the order of the policies', () => {
    fc.assert(
      fc.property(policies, lessKnown, dataplane, (list, connection, plane) => {
        expect(answer([...list].reverse(), connection, plane)).toBe(answer(list, connection, plane));
      }),
    );
  });

  it('never turns deny into allow when a DENY policy is added', () => {
    fc.assert(
      fc.property(policies, rule, dataplane, (list, denied, plane) => {
        const more = [...list, { policy: policy('zz', { action: 'DENY', rules: [denied] }) }];
        if (answer(list, FULL, plane) === 'deny') expect(answer(more, FULL, plane)).toBe('deny');
      }),
    );
  });

  it('only lets less through once there is a first ALLOW policy', () => {
    fc.assert(
      fc.property(policies, rule, dataplane, (list, allowed, plane) => {
        const before = list.filter((entry) => entry.policy.action !== 'ALLOW');
        const after = [...before, { policy: policy('zz', { action: 'ALLOW', rules: [allowed] }) }];
        if (answer(after, FULL, plane) === 'allow') expect(answer(before, FULL, plane)).toBe('allow');
      }),
    );
  });

  it('leaves a request that a CUSTOM policy matches to the external authorizer, unless it is denied anyway', () => {
    const custom = { policy: policy('ext', { action: 'CUSTOM', provider: { name: 'p' }, rules: [{}] }) };
    const nothing = { policy: policy('nothing', {}) };
    expect(answer([custom], FULL, 'http')).toBe('unknown');
    expect(answer([custom, nothing], FULL, 'http')).toBe('deny');
  });

  it('says unknown on an auto-detected port where HTTP and TCP differ', () => {
    const list = [
      { policy: policy('get', { action: 'ALLOW', rules: [{ to: [{ operation: { methods: ['GET'] } }] }] }) },
    ];
    expect([answer(list, FULL, 'http'), answer(list, FULL, 'tcp'), answer(list, FULL, 'auto')]).toEqual([
      'allow',
      'deny',
      'unknown',
    ]);
  });

  it('names the policy and the rule that decide', () => {
    const list = [{ policy: policy('two', { rules: [{ to: [{ operation: { ports: ['1'] } }] }, {}] }) }];
    const decision = evaluateOnEnvoy(list, FULL, { handling: 'http', trustDomains: [] });
    expect(decision).toMatchObject({ decision: 'allow', policy: { namespace: 'shop', name: 'two' }, rule: 1 });
  });

  it('does not decide over a policy that the API server would refuse', () => {
    const broken = { policy: policy('broken', { action: 'NO' }) };
    const wrongType = { policy: policy('typed', { rules: [{ from: [{ source: { namespaces: 'front' } }] }] }) };
    expect([answer([broken], FULL, 'http'), answer([wrongType], FULL, 'http')]).toEqual(['unknown', 'unknown']);
  });

  it('ignores dry-run ALLOW policies', () => {
    const shadow = { policy: policy('shadow', {}, { 'istio.io/dry-run': 'true' }) };
    expect(answer([shadow], FULL, 'http')).toBe('allow');
  });

  it('expands trust-domain aliases in principals', () => {
    const list = [
      { policy: policy('a', { rules: [{ from: [{ source: { principals: ['old/ns/front/sa/web'] } }] }] }) },
    ];
    const decide = (trustDomains: readonly string[]): string =>
      evaluateOnEnvoy(list, FULL, { handling: 'http', trustDomains }).decision;
    expect([decide([]), decide(['cluster.local', 'old'])]).toEqual(['deny', 'allow']);
  });

  it('knows the port to be another than the one a rule names', () => {
    const list = [{ policy: policy('p', { action: 'DENY', rules: [{ to: [{ operation: { ports: ['9090'] } }] }] }) }];
    expect(answer(list, { ...FULL, port: known(9090) }, 'tcp')).toBe('deny');
    expect(answer(list, FULL, 'tcp')).toBe('allow');
  });
});
