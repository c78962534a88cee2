import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { OpenedWorld } from '../../src/app/open-world.ts';
import { tellWorkload } from '../../src/app/tell-workload.ts';
import { drawGraph } from '../../src/app/draw-graph.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { storyDocument } from '../../src/render/story-document.ts';
import { renderDocument } from '../../src/render/text/document.ts';
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

  it('says of TLS that leaves the cluster what the drawing says', () => {
    const { callees } = tellWorkload(demo, 'shop-parcel/deploy/tracking', []);
    expect(callees.map(({ outcome }) => outcome.wire)).toEqual(['tls']);
    const { edges } = drawGraph(demo, { by: 'workload', probes: false, scope: { namespaces: ['shop-parcel'] } });
    expect(edges.find(({ to }) => to === 'external/api.carrier.example.net')?.wire).toEqual(['tls']);
  });

  it('counts for how many pairs of pods a call is in plaintext, where some have a proxy', () => {
    const { callees } = tellWorkload(demo, 'shop-parcel/deploy/shipping', []);
    const outcome = callees.find(({ call }) => 'service' in call.to && call.to.service === 'rate-card')?.outcome;
    expect(outcome).toMatchObject({ wire: 'plaintext', wires: { plaintext: 2, mtls: 4 } });
  });

  it('names what decides a call that goes well, and tells calls that fare alike once', () => {
    const text = renderDocument(storyDocument(tellWorkload(demo, 'shop-parcel/deploy/shipping', []), { wide: false }), {
      colour: false,
      width: 1000,
    });
    expect(text).toContain('DestinationRule shop-parcel/tracking-plaintext sets tls mode DISABLE');
    expect(text).toContain('Namespace shop-parcel asks for it: istio-injection=enabled');
    expect(text.match(/Service\/tracking:8080/g)).toHaveLength(1);
    expect(text).toContain('observed and inferred');
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
