import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/checks/catalogue.ts';
import { SEVERITIES, type CheckReport, type Waiver } from '../../../src/domain/checks/check.ts';
import { compareFindings, runChecks } from '../../../src/domain/checks/run-checks.ts';
import { known, unknown } from '../../../src/domain/world/fact.ts';
import { factsOf, makeWorld } from '../../../src/domain/world/object-world.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { contextOf, fixtures, worldOfYaml } from './check-world.ts';

const EXPOSED = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: pay, namespace: shop}
spec:
  selector: {matchLabels: {app: pay}}
  template:
    metadata: {labels: {app: pay}}
    spec: {containers: [{name: app, image: 'example.com/app:1', ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: pay, namespace: shop}
spec: {type: LoadBalancer, selector: {app: pay}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

const WAIVER: Waiver = {
  check: 'nodeport-or-loadbalancer-direct',
  object: 'Deployment shop/pay',
  reason: 'replaced next quarter',
  owner: 'team-pay',
  expires: '2026-06-30T00:00:00Z',
};

function objectsOf(world: World): readonly KubeObject[] {
  return world.kinds().flatMap((kind) => world.list(kind).objects);
}

function reportOf(waived: readonly Waiver[], asOf?: string): CheckReport {
  const world = worldOfYaml(EXPOSED, asOf === undefined ? {} : { asOf: known(asOf) });
  return runChecks(contextOf(world), { waived });
}

describe('the report', () => {
  it('counts each chosen check as passed, found or not assessed', () => {
    const { summary, findings, notAssessed, passed } = reportOf([]);
    const named = new Set([...findings.map(({ check }) => check), ...notAssessed.map(({ check }) => check), ...passed]);
    expect([...named].sort()).toEqual(CATALOGUE.map(({ id }) => id));
    expect(summary).toMatchObject({ checks: CATALOGUE.length, findings: { high: 1 }, waived: 0 });
  });

  it('runs only what concerns the stage and the target', () => {
    const context = contextOf(worldOfYaml(EXPOSED));
    expect(runChecks({ ...context, stage: 'inject' }).findings).toEqual([]);
    expect(runChecks({ ...context, target: 'linkerd' }).summary.checks).toBe(0);
  });

  it('sorts findings by severity, then object, whatever order the objects came in', () => {
    const all = fixtures().filter(({ outcome }) => outcome === 'fail');
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), ({ world }, keys) => {
        const shuffled = objectsOf(world)
          .map((object, index) => ({ object, key: keys[index % keys.length] ?? 0 }))
          .sort((left, right) => left.key - right.key)
          .map(({ object }) => object);
        const report = runChecks(contextOf(makeWorld(factsOf(world), shuffled)));
        expect(report).toEqual(runChecks(contextOf(world)));
        expect([...report.findings].sort(compareFindings)).toEqual(report.findings);
        const ranks = report.findings.map(({ severity }) => SEVERITIES.indexOf(severity));
        expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
      }),
      { numRuns: 20 },
    );
  });

  it('never passes a check of which a kind that it reads was not read', () => {
    for (const { world } of fixtures()) {
      for (const check of CATALOGUE) {
        for (const kind of check.reads) {
          const entries = [{ kind, state: 'forbidden', objects: 0 }] as const;
          const coverage = { basis: 'declared', entries } as const;
          const blind = makeWorld(
            { ...factsOf(world), coverage },
            objectsOf(world).filter((object) => !isOf(object, kind)),
          );
          expect(runChecks(contextOf(blind), { checks: [check.id] }).passed).toEqual([]);
        }
      }
    }
  });
});

function isOf({ apiVersion, kind }: KubeObject, wanted: string): boolean {
  return (apiVersion.includes('/') ? `${apiVersion.split('/')[0] ?? ''}/${kind}` : kind) === wanted;
}

describe('a waiver', () => {
  it('keeps its finding in the report and out of the counts', () => {
    const { findings, summary } = reportOf([WAIVER], '2026-01-01T00:00:00Z');
    expect(findings[0]?.waived).toMatchObject({ owner: 'team-pay', expired: false });
    expect(summary).toMatchObject({ findings: { high: 0 }, waived: 1 });
  });

  it('no longer holds after its end', () => {
    const { findings, summary } = reportOf([WAIVER], '2026-07-01T00:00:00Z');
    expect(findings[0]?.waived).toMatchObject({ expired: true });
    expect(summary).toMatchObject({ findings: { high: 1 }, waived: 0 });
  });

  it('does not hold where no time is given', () => {
    const { findings, warnings, summary } = reportOf([WAIVER]);
    expect(findings[0]?.waived).toMatchObject({ expired: true, warning: 'no time given (--at)' });
    expect(warnings).toEqual(['no time given (--at), so no waiver holds']);
    expect(summary.waived).toBe(0);
  });

  it('covers only its check and object, and is warned of where it can cover nothing', () => {
    const others = [
      { ...WAIVER, object: 'Deployment shop/cart' },
      { ...WAIVER, check: 'no-such-check' },
      { ...WAIVER, expires: 'soon' },
    ];
    const { findings, warnings, summary } = reportOf(others, '2026-01-01T00:00:00Z');
    expect(summary.waived).toBe(0);
    expect(findings[0]?.waived).toMatchObject({ expired: true, warning: 'its end is no date' });
    expect(warnings.join('\n')).toMatch(/no-such-check, which is no check/);
  });
});

describe('hostile input', () => {
  it('never makes a check fail', () => {
    const junk = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.integer(),
        fc.string(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom('mode', 'tls', 'ports', 'port', 'to', 'name', 'egress', 'selector'),
          tie('value'),
        ),
      ),
    })).value;
    const kinds = [
      'security.istio.io/v1/PeerAuthentication',
      'security.istio.io/v1/AuthorizationPolicy',
      'networking.istio.io/v1/DestinationRule',
      'networking.k8s.io/v1/NetworkPolicy',
      'v1/Service',
      'apps/v1/StatefulSet',
    ];
    const base = objectsOf(worldOfYaml(EXPOSED));
    fc.assert(
      fc.property(fc.constantFrom(...kinds), junk, (kind, spec) => {
        const slash = kind.lastIndexOf('/');
        const object: KubeObject = {
          apiVersion: kind.slice(0, slash),
          kind: kind.slice(slash + 1),
          metadata: { name: 'odd', namespace: 'shop', labels: {}, annotations: {}, ownerReferences: [] },
          origin: { from: 'read' },
          spec,
        };
        const coverage = { basis: 'declared', entries: [] } as const;
        const none = unknown('not given');
        const world = makeWorld({ coverage, cluster: 't', asOf: none, kubernetesVersion: none }, [...base, object]);
        const reasons = runChecks(contextOf(world)).notAssessed.map(({ reason }) => reason);
        expect(reasons.filter((reason) => reason.includes('fault of meshwise'))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
