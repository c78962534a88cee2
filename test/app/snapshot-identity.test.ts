import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { openFiles } from '../support/open-files.ts';

describe('a snapshot', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-snapshot-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['world.jsonl', 'world.jsonl.gz'])('read back from %s gives the same bytes', async (name) => {
    const save = join(folder, name);
    const first = await openFiles({ demo: true, save });
    const again = await openFiles({ filename: [save] });
    const inventory = (opened: typeof first): string =>
      JSON.stringify(takeInventory(opened, { namespaces: ['shop-parcel'] }).workloads);
    expect(inventory(again)).toBe(inventory(first));
    expect(JSON.stringify(again.headFor('Inventory'))).toBe(JSON.stringify(first.headFor('Inventory')));
    const simulated = JSON.stringify(runSimulation(again, []).worlds);
    expect(simulated).toBe(JSON.stringify(runSimulation(first, []).worlds));
  });
});
