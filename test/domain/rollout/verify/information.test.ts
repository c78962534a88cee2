import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gate } from '../../../../src/domain/rollout/verify/verification.ts';
import { appliedUpTo, gateOf, PLAN, withoutKind } from './verify-world.ts';

const written = PLAN.stages.filter(({ state, steps }) => state === 'ready' && steps.length > 0).map(({ id }) => id);
const GATES: readonly Gate[] = ['entry', 'exit', 'rollback'];

test('a kind that is marked unread turns no condition to met', () => {
  const worlds = new Map(written.map((id) => [id, appliedUpTo(id)]));
  fc.assert(
    fc.property(
      fc.record({
        at: fc.constantFrom(...written),
        id: fc.constantFrom(...written),
        pick: fc.nat(),
        gate: fc.constantFrom(...GATES),
      }),
      ({ at, id, pick, gate }) => {
        const world = worlds.get(at);
        if (world === undefined) return;
        const kinds = world.coverage.entries.map(({ kind }) => kind);
        const kind = kinds[pick % kinds.length] ?? '';
        const before = new Map(gateOf(world, id, gate).conditions.map((each) => [each.id, each.state]));
        for (const { id: condition, state } of gateOf(withoutKind(world, kind), id, gate).conditions) {
          const was = before.get(condition);
          if (state === 'met')
            expect([at, id, gate, kind, condition, was]).toEqual([at, id, gate, kind, condition, 'met']);
        }
      },
    ),
    { numRuns: 100 },
  );
}, 120_000);
