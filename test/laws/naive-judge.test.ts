import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fateOf } from '../../src/domain/simulate/fate-of.ts';
import { completeWorld } from '../cases-runner/case-world.ts';
import { callBetween, objectsOf } from './generated-world.ts';
import { naiveVerdict } from './naive-judge.ts';
import { runs } from './runs.ts';
import { worldFacts } from './world-facts.ts';

const PAIRS_A_WORLD = 12;

describe('a judge that shares no code with the resolvers', () => {
  test('agrees on every call of generated worlds', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(worldFacts, (facts) => {
        const world = completeWorld(objectsOf(facts));
        for (const client of facts.workloads) {
          for (const server of facts.workloads.filter((other) => other !== client)) {
            const fate = fateOf(callBetween(client, server), world);
            const expected = naiveVerdict(client, server, facts);
            seen.set(expected, (seen.get(expected) ?? 0) + 1);
            expect(fate.verdict, `${client.namespace}/${client.name} to ${server.name}: ${fate.why}`).toBe(expected);
          }
        }
      }),
      runs(120),
    );
    const pairs = [...seen.values()].reduce((sum, count) => sum + count, 0);
    expect(pairs).toBeGreaterThanOrEqual(PAIRS_A_WORLD * 30);
    expect([...seen.keys()].sort()).toEqual(['breaks', 'ok', 'partial', 'unknown']);
  });

  test('imports nothing of the meshes', () => {
    const source = readFileSync(new URL('naive-judge.ts', import.meta.url), 'utf8');
    const imports = source.split('\n').filter((line) => /\bfrom '/.test(line));
    expect(imports.every((line) => line.startsWith('import type'))).toBe(true);
    expect(source).not.toContain('domain/mesh');
  });
});
