import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const HERE = import.meta.dirname;

/** What the judge may share with the product: how JSON is read, how lists are grouped, and what a step or a stage is. */
const SHARED = /^(import|export) type |src\/lib\/(json|order)\.ts'|naive-istio-policy\.ts'/;

describe('the judge of rollouts', () => {
  test('shares no rule with the planner or the resolvers', async () => {
    const names = (await readdir(HERE)).filter((name) => /^(naive-|raw-cluster|dumb-apply)/.test(name));
    expect(names.length).toBeGreaterThan(6);
    for (const name of names) {
      const text = await readFile(join(HERE, name), 'utf8');
      const imports = text.match(/^import [^;]*from '[^']+';/gms) ?? [];
      const foreign = imports.filter((one) => !/from '\.\/(naive-|raw-cluster)/.test(one) && !SHARED.test(one));
      expect(foreign, name).toEqual([]);
    }
  });
});
