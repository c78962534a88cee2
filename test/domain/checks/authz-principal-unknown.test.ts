import { describe, expect, it } from 'vitest';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { KIND } from '../../../src/domain/kubernetes/kinds.ts';
import type { Kind } from '../../../src/domain/kubernetes/object.ts';
import { contextOf, worldOfYaml } from './check-world.ts';

const ID = 'authz-principal-unknown';

const OBJECTS = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: cart, namespace: shop }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: guard, namespace: shop }
spec:
  action: DENY
  rules: [{ from: [{ source: SOURCE }] }]
`;

function reportOf(source: string, kinds: readonly Kind[]) {
  const entries = kinds.map((kind) => ({ kind, state: 'read', objects: 1 }) as const);
  const world = worldOfYaml(OBJECTS.replace('SOURCE', source), { coverage: { basis: 'dump', entries } });
  return runChecks(contextOf(world), { checks: [ID] });
}

const READ = [KIND.authorizationPolicy, KIND.namespace, KIND.serviceAccount];

describe('in what was read from a cluster', () => {
  it('a namespace that is not there is missing, and each value is told with its place', () => {
    const { findings } = reportOf("{ namespaces: ['shop', 'shops'], notNamespaces: ['*-test'] }", READ);
    expect(findings.map(({ message }) => message)).toEqual([
      'AuthorizationPolicy shop/guard names shops, which nobody can be, and refuses nobody by that; it leaves out *-test, which nobody can be, and refuses whom that was meant for.',
    ]);
    expect(findings[0]?.evidence.map(({ field, value }) => [field, value])).toEqual([
      ['spec.rules[0].from[0].source.namespaces', 'shops'],
      ['spec.rules[0].from[0].source.notNamespaces', '*-test'],
    ]);
  });

  it('a ServiceAccount is missing only where all of them were read', () => {
    const source = "{ principals: ['cluster.local/ns/shop/sa/till'] }";
    expect(reportOf(source, READ).findings).toHaveLength(1);
    const { findings, notAssessed } = reportOf(source, [KIND.authorizationPolicy, KIND.namespace]);
    expect(findings).toEqual([]);
    expect(notAssessed.map(({ reason }) => reason)).toEqual([expect.stringContaining('ServiceAccount')]);
  });

  it('a namespace is missing only where all of them were read', () => {
    const { findings, notAssessed } = reportOf("{ namespaces: ['bank'] }", [KIND.authorizationPolicy]);
    expect(findings).toEqual([]);
    expect(notAssessed).toHaveLength(1);
  });
});
