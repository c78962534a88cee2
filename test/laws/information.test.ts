import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/domain/calls/call.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { formatRef, kindOf, refOf, type Kind, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import type { Fate, Verdict } from '../../src/domain/simulate/verdict.ts';
import type { CoverageState } from '../../src/domain/world/coverage.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { callsOf, objectsOf, outsideCalls } from './generated-world.ts';
import { runs } from './runs.ts';
import { worldFacts, type WorldFacts } from './world-facts.ts';

/** Less is known in the second world: nothing may look better there, and what works only somewhat no better than that. */
function looksBetter(before: Verdict, after: Verdict): boolean {
  if (after === 'ok') return before !== 'ok';
  return after === 'degraded' && before !== 'degraded' && before !== 'ok';
}

interface Known {
  readonly call: Call;
  readonly full: Fate;
}

function fatesIn(world: World, facts: WorldFacts): readonly Known[] {
  return [...callsOf(facts), ...outsideCalls(facts)].map((call) => ({ call, full: fateOf(call, world) }));
}

function violations(before: readonly Known[], after: World): readonly string[] {
  return before.flatMap(({ call, full }) => {
    const less = fateOf(call, after);
    return looksBetter(full.verdict, less.verdict)
      ? [`${call.id}: ${full.verdict} (${full.why}) becomes ${less.verdict} (${less.why})`]
      : [];
  });
}

function without(objects: readonly KubeObject[], kind: Kind, state: CoverageState): World {
  const rest = objects.filter((one) => kindOf(one) !== kind);
  return completeWorld(rest, [{ kind, state, objects: 0 }]);
}

describe('the information law', () => {
  test('no verdict turns to ok where a whole kind is forbidden or was not read', () => {
    fc.assert(
      fc.property(worldFacts, fc.constantFrom<CoverageState>('forbidden', 'unread'), (facts, state) => {
        const objects = objectsOf(facts);
        const before = fatesIn(completeWorld(objects), facts);
        for (const kind of Object.values(KIND)) {
          expect(violations(before, without(objects, kind, state)), `${kind} ${state}`).toEqual([]);
        }
      }),
      runs(3),
    );
  });

  test('no verdict turns to ok where one object was left out of a list that is known to be partial', () => {
    fc.assert(
      fc.property(worldFacts, (facts) => {
        const objects = objectsOf(facts);
        const before = fatesIn(completeWorld(objects), facts);
        for (const left of objects) {
          const rest = objects.filter((one) => one !== left);
          const after = completeWorld(rest, [{ kind: kindOf(left), state: 'partial', objects: rest.length }]);
          expect(violations(before, after), `without ${formatRef(refOf(left))}`).toEqual([]);
        }
      }),
      runs(5),
    );
  });

  test('without coverage of anything no call between workloads is ok', () => {
    fc.assert(
      fc.property(worldFacts, (facts) => {
        const kinds = Object.values(KIND).map((kind) => ({ kind, state: 'unread', objects: 0 }) as const);
        const world = completeWorld(objectsOf(facts), kinds);
        expect(callsOf(facts).filter((call) => fateOf(call, world).verdict === 'ok')).toEqual([]);
      }),
      runs(10),
    );
  });
});
