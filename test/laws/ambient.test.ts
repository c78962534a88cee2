import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { formatRef, kindOf, refOf } from '../../src/domain/kubernetes/object.ts';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import type { Fate } from '../../src/domain/simulate/verdict.ts';
import type { Call } from '../../src/domain/calls/call.ts';
import type { CoverageState } from '../../src/domain/world/coverage.ts';
import type { World } from '../../src/domain/world/world.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { ambientFacts, ambientObjects, type AmbientFacts } from './ambient-world.ts';
import { callsOf, outsideCalls } from './generated-world.ts';
import { runs } from './runs.ts';

const kinds = fc.constantFrom(...Object.values(KIND));
const states = fc.constantFrom<CoverageState>('forbidden', 'unread');

type Judged = readonly { readonly call: Call; readonly fate: Fate }[];

function judged(world: World, { base }: AmbientFacts): Judged {
  return [...callsOf(base), ...outsideCalls(base)].map((call) => ({ call, fate: fateOf(call, world) }));
}

function betterWith(after: World, before: Judged): readonly string[] {
  return before.flatMap(({ call, fate }) => {
    const less = fateOf(call, after);
    const isBetter = less.verdict === 'ok' && fate.verdict !== 'ok';
    return isBetter ? [`${call.id}: ${fate.verdict} (${fate.why}) becomes ok (${less.why})`] : [];
  });
}

describe('the information law in ambient mode', () => {
  test('no verdict turns to ok where a whole kind is forbidden or was not read', () => {
    fc.assert(
      fc.property(ambientFacts, kinds, states, (facts, kind, state) => {
        const objects = ambientObjects(facts);
        const before = judged(completeWorld(objects), facts);
        const rest = objects.filter((one) => kindOf(one) !== kind);
        const after = completeWorld(rest, [{ kind, state, objects: 0 }]);
        expect(betterWith(after, before), `${kind} ${state}`).toEqual([]);
      }),
      runs(30),
    );
  }, 120_000);

  test('no verdict turns to ok where one object was left out of a list that is known to be partial', () => {
    fc.assert(
      fc.property(ambientFacts, (facts) => {
        const objects = ambientObjects(facts);
        const before = judged(completeWorld(objects), facts);
        for (const left of objects) {
          const rest = objects.filter((one) => one !== left);
          const after = completeWorld(rest, [{ kind: kindOf(left), state: 'partial', objects: rest.length }]);
          expect(betterWith(after, before), `without ${formatRef(refOf(left))}`).toEqual([]);
        }
      }),
      runs(3),
    );
  }, 120_000);

  test('the worlds hold every verdict, and calls through waypoints', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(ambientFacts, (facts) => {
        for (const { fate } of judged(completeWorld(ambientObjects(facts)), facts)) {
          seen.add(fate.verdict);
          if (fate.wire === 'hbone') seen.add(fate.identity.endsWith('/sa/way') ? 'relayed' : 'tunnelled');
        }
      }),
      runs(40),
    );
    expect([...seen].sort()).toEqual(['breaks', 'ok', 'partial', 'relayed', 'tunnelled', 'unknown']);
  });
});
