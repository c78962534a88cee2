import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/domain/calls/call.ts';
import { serversOf } from '../../src/domain/calls/resolve-target.ts';
import { dataPlaneOf } from '../../src/domain/mesh/registry.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { cutsCalls, type Fate } from '../../src/domain/simulate/verdict.ts';
import { cohortsOf } from '../../src/domain/world/workload.ts';
import type { World } from '../../src/domain/world/world.ts';
import { asList, type JsonObject } from '../../src/lib/json.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { decisionOf } from './istio-decision.ts';
import { strictWorld } from './calm-world.ts';
import { askedCall, naivePolicy, naiveRule } from './random-istio-policies.ts';
import { richCalls } from './rich-calls.ts';
import type { Draft } from './rich-draft.ts';
import { authorizationRule } from './rich-istio-policies.ts';
import { linkerdAuthorization } from './rich-other-policies.ts';
import { richObjects, richWorld, type RichWorld } from './rich-world.ts';
import type { RichWorkload } from './rich-workloads.ts';
import { runs } from './runs.ts';

function worldOf(facts: RichWorld): World {
  return completeWorld(richObjects(facts));
}

/** Calls that worked and do not any more, or that are cut and were not. */
function harmed(facts: RichWorld, before: World, after: World): readonly string[] {
  return richCalls(facts).flatMap((call) => {
    const [was, is] = [fateOf(call, before), fateOf(call, after)];
    const isWorse = (was.verdict === 'ok' && is.verdict !== 'ok') || (cutsCalls(is.verdict) && !cutsCalls(was.verdict));
    return isWorse ? [said(call, was, is)] : [];
  });
}

function said(call: Call, was: Fate, is: Fate): string {
  return `${call.id}: ${was.verdict} (${was.why}) becomes ${is.verdict} (${is.why})`;
}

function isAllow({ kind, apiVersion, spec }: Draft): boolean {
  return kind === 'AuthorizationPolicy' && apiVersion.startsWith('security.istio.io') && spec['action'] === 'ALLOW';
}

function withRule(draft: Draft, rule: JsonObject): Draft {
  return { ...draft, spec: { ...draft.spec, rules: [...asList(draft.spec['rules']), rule] } };
}

describe('an ALLOW rule more', () => {
  test('never denies what the policies of one server allowed, and never makes doubt a denial', () => {
    let allowed = 0;
    fc.assert(
      fc.property(
        fc.array(naivePolicy, { minLength: 1, maxLength: 3 }),
        naiveRule,
        askedCall,
        (policies, rule, asked) => {
          const more = policies.map((one) =>
            one.action === 'ALLOW' ? { ...one, rules: [...(one.rules ?? []), rule] } : one,
          );
          const [before, after] = [decisionOf(policies, asked), decisionOf(more, asked)];
          if (before === 'allow') allowed += 1;
          expect(
            { allow: ['allow'], unknown: ['allow', 'unknown'], deny: ['allow', 'unknown', 'deny'] }[before],
          ).toContain(after);
        },
      ),
      runs(150),
    );
    expect(allowed).toBeGreaterThan(0);
  }, 600_000);

  test('never cuts a call of a whole world', () => {
    let tried = 0;
    fc.assert(
      fc.property(richWorld, authorizationRule, (facts, rule) => {
        const policies = facts.policies.map((one) => (isAllow(one) ? withRule(one, rule) : one));
        if (facts.policies.some(isAllow)) tried += 1;
        expect(harmed(facts, worldOf(facts), worldOf({ ...facts, policies }))).toEqual([]);
      }),
      runs(30),
    );
    expect(tried).toBeGreaterThan(10);
  }, 600_000);

  test('of Linkerd, which only ever admits, never cuts a call', () => {
    fc.assert(
      fc.property(richWorld, linkerdAuthorization, (facts, policy) => {
        const more = { ...facts, policies: [...facts.policies, policy] };
        expect(harmed(facts, worldOf(facts), worldOf(more))).toEqual([]);
      }),
      runs(30),
    );
  }, 600_000);
});

/** The same workload, out of every mesh: pods and template. */
function unmeshed(one: RichWorkload): RichWorkload {
  const labels = { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' };
  return { ...one, live: 'bare', labels, annotations: { 'linkerd.io/inject': 'disabled' } };
}

/** The meshes of the call's servers where each cohort is known to take mutual TLS only; none where some may not. */
function strictMeshes(call: Call, world: World): readonly string[] {
  const modes = serversOf(call, world).servers.flatMap(({ workload, port }) =>
    cohortsOf(workload).map((cohort) => {
      const { mesh, dataPlane } = dataPlaneOf(workload, cohort, world);
      const isStrict = mesh?.portMode({ workload, cohort, port }, world).mode === 'strict';
      return { isStrict, name: mesh === undefined ? 'none' : `${mesh.id} ${dataPlane.mode}` };
    }),
  );
  return modes.every(({ isStrict }) => isStrict) ? modes.map(({ name }) => name) : [];
}

describe('a caller without its proxy', () => {
  test('never reaches a server that takes mutual TLS only', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(richWorld, { arbitrary: strictWorld, weight: 2 }), (facts) => {
        for (const client of facts.workloads) {
          const bare = { ...facts, workloads: facts.workloads.map((one) => (one === client ? unmeshed(one) : one)) };
          const world = worldOf(bare);
          const own = richCalls(facts).filter(
            ({ from }) =>
              from.kind === 'workload' &&
              from.workload.name === client.name &&
              from.workload.namespace === client.namespace,
          );
          for (const call of own) {
            const strict = strictMeshes(call, world);
            if (strict.length === 0) continue;
            for (const name of strict) seen.add(name);
            const { verdict, why } = fateOf(call, world);
            expect(verdict, `${call.id}: ${why}`).not.toBe('ok');
          }
        }
      }),
      runs(30),
    );
    expect([...seen].sort()).toEqual(['istio ambient', 'istio sidecar', 'linkerd sidecar']);
  }, 600_000);
});
