import { describe, expect, it } from 'vitest';
import { isKnownCall, type Call } from '../../../src/domain/calls/call.ts';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { whatIf } from '../../../src/domain/checks/what-if.ts';
import type { Finding } from '../../../src/domain/checks/check.ts';
import { keyOf } from '../../../src/domain/kubernetes/object.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { openingsBetween } from '../../../src/domain/simulate/openings.ts';
import { compareVerdicts } from '../../../src/domain/simulate/verdict.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { contextOf, fixtures } from './check-world.ts';

const failing = fixtures()
  .filter(({ outcome }) => outcome === 'fail')
  .flatMap((fixture) =>
    runChecks(contextOf(fixture.world), { checks: [fixture.check] }).findings.flatMap((finding) => {
      const { change } = finding.remedy;
      if (change === undefined) return [];
      const after = applyChange(fixture.world, change, admitPod).world;
      return [[fixture.name, { finding, before: fixture.world, after }] as const];
    }),
  );

function nameOf({ check, object }: Finding): string {
  return `${check} ${keyOf(object)}`;
}

function findingsIn(world: World): readonly string[] {
  return runChecks(contextOf(world)).findings.map(nameOf);
}

function worldsAhead(world: World): readonly World[] {
  const { enrolled, lax, strict } = whatIf(world);
  return [world, enrolled, lax, strict];
}

function worsened(calls: readonly Call[], before: World, after: World): readonly string[] {
  const later = worldsAhead(after);
  return worldsAhead(before).flatMap((world, index) =>
    calls.flatMap((call) => {
      const then = later[index];
      if (then === undefined) return [];
      return compareVerdicts(fateOf(call, then).verdict, fateOf(call, world).verdict) > 0 ? [call.id] : [];
    }),
  );
}

describe('a remedy that comes as a change', () => {
  it('is offered by most checks', () => {
    expect(new Set(failing.map(([, { finding }]) => finding.check)).size).toBeGreaterThanOrEqual(9);
  });

  it.each(failing)(
    'removes its finding, brings no other and harms no known call: %s',
    (_name, { finding, before, after }) => {
      const found = findingsIn(after);
      expect(found).not.toContain(nameOf(finding));
      const known = findingsIn(before);
      expect(found.filter((name) => !known.includes(name))).toEqual([]);
      const calls = contextOf(before).graph.calls.filter(isKnownCall);
      expect(worsened(calls, before, after)).toEqual([]);
      expect(openingsBetween(before, after)).toEqual([]);
    },
  );

  it('is not offered where it would open a port that is STRICT today', () => {
    const name = 'admission-webhook-in-mesh/fail.strict-already-and-meshed.yaml';
    const fixture = fixtures('admission-webhook-in-mesh').find((candidate) => candidate.name === name);
    const findings =
      fixture === undefined ? [] : runChecks(contextOf(fixture.world), { checks: [fixture.check] }).findings;
    expect(findings.map(({ message, remedy }) => [message.includes('refused already'), remedy.change])).toEqual([
      [true, undefined],
    ]);
  });
});
