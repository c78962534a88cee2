import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { OpenedWorld } from '../../src/app/open-world.ts';
import { tellWorkload } from '../../src/app/tell-workload.ts';
import { drawGraph } from '../../src/app/draw-graph.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { openFiles } from '../support/open-files.ts';
import { faultsOf, closedValidatorOf } from '../schema/validate.ts';

let folder: string;
let demo: OpenedWorld;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'meshwise-story-'));
  demo = await openFiles({ demo: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Workloads of one name in several kinds and namespaces, as a file. */
function carts(...places: readonly (readonly [kind: string, namespace: string])[]): string {
  const file = path.join(folder, 'carts.json');
  const items = places.map(([kind, namespace]) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'cart', namespace },
    spec: {
      selector: { matchLabels: { app: 'cart' } },
      template: { metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } },
    },
  }));
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return file;
}

describe("a workload's story", () => {
  it.each([
    ['shipping', []],
    ['shipping', ['shop-parcel']],
    ['shipping', ['shop-pay', 'shop-parcel']],
    ['deploy/shipping', []],
    ['shop-parcel/shipping', []],
    ['shop-parcel/deployments/shipping', []],
  ])('is found by %s in %j', (name, namespaces) => {
    expect(tellWorkload(demo, name, namespaces).workload).toMatchObject({ namespace: 'shop-parcel', name: 'shipping' });
  });

  it('has the row of the inventory', () => {
    const row = takeInventory(demo, { namespaces: [] }).workloads.find(({ name }) => name === 'rate-card');
    expect(tellWorkload(demo, 'rate-card', []).workload).toEqual(row);
  });

  it('has the calls to and from it and no other', () => {
    const { callers, callees } = tellWorkload(demo, 'payments', []);
    expect(callers.map(({ call }) => call.to)).toContainEqual(
      expect.objectContaining({ namespace: 'shop-pay', service: 'payments' }),
    );
    for (const { call } of callees) expect(call.from).toMatchObject({ workload: { name: 'payments' } });
    expect(callees.length).toBeGreaterThan(0);
  });

  it('suggests the nearest name where there is none', () => {
    expect(() => tellWorkload(demo, 'shop-parcel/shiping', [])).toThrow(
      expect.objectContaining({
        code: 'unknown-workload',
        exitStatus: 2,
        hints: expect.arrayContaining(['did you mean shop-parcel/Deployment/shipping?']) as unknown,
      }) as Error,
    );
  });

  it('lists the choices where a name may be several', async () => {
    const files = await openFiles({
      filename: [carts(['Deployment', 'shop'], ['StatefulSet', 'shop'], ['Deployment', 'test'])],
    });
    expect(() => tellWorkload(files, 'cart', [])).toThrow(
      expect.objectContaining({
        code: 'ambiguous-workload',
        exitStatus: 2,
        hints: ['name one of them: shop/Deployment/cart, shop/StatefulSet/cart, test/Deployment/cart'],
      }) as Error,
    );
    expect(tellWorkload(files, 'cart', ['test']).workload.namespace).toBe('test');
    expect(tellWorkload(files, 'sts/cart', []).workload.kind).toBe('StatefulSet');
  });

  it('is what its JSON Schema says, and no member more; so are the inventory and the drawing', () => {
    expect(faultsOf(closedValidatorOf('WorkloadStory'), tellWorkload(demo, 'shipping', []))).toEqual([]);
    expect(faultsOf(closedValidatorOf('WorkloadStory'), tellWorkload(demo, 'nightly-report', []))).toEqual([]);
    expect(faultsOf(closedValidatorOf('Inventory'), takeInventory(demo, { namespaces: [] }))).toEqual([]);
    const drawing = drawGraph(demo, { by: 'workload', probes: true, scope: { namespaces: [] } });
    expect(faultsOf(closedValidatorOf('CallDrawing'), drawing)).toEqual([]);
  });
});
