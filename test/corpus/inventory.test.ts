import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { groupBy } from '../../src/lib/order.ts';
import { openFiles } from '../support/open-files.ts';

interface Expectation {
  readonly title: string;
  readonly path: string;
  readonly basis: string;
  readonly workloads: Readonly<Record<string, number>>;
  readonly pods: number;
  readonly kubernetesVersion?: string;
  /** Kinds that the input does not hold whole, so that nothing may be concluded from their absence. */
  readonly unread: readonly string[];
}

const corpus = process.env['MESHWISE_CORPUS'];
const expectations = JSON.parse(
  readFileSync(new URL('./inventory.json', import.meta.url), 'utf8'),
) as readonly Expectation[];

describe.skipIf(corpus === undefined)('inventory of public input', () => {
  it.each(expectations)('counts $title as it was counted by hand', async (expected) => {
    const opened = await openFiles({ filename: [join(corpus ?? '', expected.path)] });
    const { basis, workloads, cluster } = takeInventory(opened, { namespaces: [] });
    const counts = [...groupBy(workloads, ({ kind }) => kind)].map(([kind, group]): [string, number] => [
      kind,
      group.length,
    ]);
    expect(basis).toBe(expected.basis);
    expect(Object.fromEntries(counts)).toEqual(expected.workloads);
    expect(workloads.reduce((sum, { pods }) => sum + (pods.known ? pods.value : 0), 0)).toBe(expected.pods);
    if (expected.kubernetesVersion !== undefined) {
      expect(cluster.kubernetesVersion).toEqual({ known: true, value: expected.kubernetesVersion });
    }
    for (const kind of expected.unread) expect(opened.world.list(kind).gap).toBeDefined();
  });

  it('finishes on all of it at once, and names every file that it cannot use', async () => {
    const opened = await openFiles({ filename: [corpus ?? ''] });
    const { workloads, setAside } = takeInventory(opened, { namespaces: [] });
    expect(workloads.length).toBeGreaterThan(150);
    expect(setAside.length).toBeGreaterThan(100);
    for (const { file, reason } of setAside) expect([file, reason]).not.toContain('');
  });
});
