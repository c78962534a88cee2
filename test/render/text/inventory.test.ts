import { beforeAll, describe, expect, it } from 'vitest';

import type { OpenedWorld } from '../../../src/app/open-world.ts';
import { takeInventory } from '../../../src/app/take-inventory.ts';
import { tellWorkload } from '../../../src/app/tell-workload.ts';
import { buildCallGraph } from '../../../src/domain/calls/call-graph.ts';
import { inventoryOf, type Inventory } from '../../../src/domain/inventory/inventory.ts';
import type { ResultHead } from '../../../src/domain/world/result-head.ts';
import { renderInventoryMarkdown } from '../../../src/render/markdown/inventory.ts';
import { storyDocument } from '../../../src/render/story-document.ts';
import { renderDocument } from '../../../src/render/text/document.ts';
import { renderInventory } from '../../../src/render/text/inventory.ts';
import { namespace, service, workload, worldFrom } from '../../support/build-world.ts';
import { openFiles } from '../../support/open-files.ts';
import { longLines } from './long-lines.ts';

const narrow = { colour: false, width: 80, wide: false };
let demo: OpenedWorld;
beforeAll(async () => {
  demo = await openFiles({ demo: true });
});

function head(warnings: readonly string[] = []): ResultHead {
  return {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'Inventory',
    basis: 'live',
    coverage: [],
    warnings,
    setAside: [],
  };
}

/** A live cluster of so many namespaces with so many workloads each; names as long as they may be where `long`. */
function cluster(namespaces: number, workloads: number, long = false): ResultHead & Inventory {
  const name = (text: string): string => (long ? `${text}-${'x'.repeat(60)}` : text);
  const manifests = Array.from({ length: namespaces }, (_, index) => name(`ns${String(index)}`)).flatMap((each) => [
    namespace(each, { 'istio-injection': 'enabled' }),
    ...Array.from({ length: workloads }, (_, at) => workload(each, name(`w${String(at)}`), { port: 8080 + at })),
    service(each, name('w0')),
  ]);
  const world = worldFrom(manifests, { forbidden: ['v1/Secret', 'security.istio.io/PeerAuthentication'] });
  return { ...head(), ...inventoryOf(world, buildCallGraph(world, []), { namespaces: [] }) };
}

describe('the inventory as text', () => {
  it('fits 80 columns, in the demo and with names of any length', () => {
    expect(longLines(renderInventory(takeInventory(demo, { namespaces: [] }), narrow), 80)).toEqual([]);
    expect(longLines(renderInventory(cluster(2, 3, true), narrow), 80)).toEqual([]);
    expect(longLines(renderInventory(cluster(70, 1, true), narrow), 80)).toEqual([]);
  });

  it('lists each workload of a small cluster', () => {
    const text = renderInventory(cluster(2, 3), narrow);
    for (const name of ['Deployment/w0', 'Deployment/w1', 'Deployment/w2']) expect(text.split(name)).toHaveLength(3);
  });

  it('tells under each watcher what it could not see, and claims no blindness that is not known', () => {
    const plain = cluster(1, 1);
    const day = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', longEnough: true, seesUnmeshed: false };
    const windows = [
      { source: 'whole', ...day },
      { source: 'holed', ...day, gaps: ['a', 'b', 'c', 'd'] },
    ];
    const text = (parts: Partial<Inventory['callCoverage']>): string =>
      renderInventory(
        { ...plain, callCoverage: { ...plain.callCoverage, windows, ...parts } },
        { ...narrow, width: 400 },
      );
    expect(text({})).toContain('(whole)\n');
    expect(text({})).toContain('(holed); but: a; b; c; and 1 more (-o json lists them)');
    expect(text({})).not.toContain('outside a mesh');
    const blind = { workload: { namespace: 'shop', kind: 'Deployment', name: 'a' }, port: 80, sources: ['whole'] };
    expect(text({ blindTo: [blind] })).toContain('on 1 port callers outside a mesh would not have been seen');
  });

  it('groups a big cluster by namespace, and -o wide lists every workload', () => {
    const big = cluster(10, 8);
    const text = renderInventory(big, narrow);
    expect(text).not.toContain('Deployment/w7');
    expect(text).toContain('80 workloads by namespace; -o wide lists each');
    for (const { name } of big.namespaces) expect(text).toMatch(new RegExp(`^${name} +8 `, 'm'));
    expect(renderInventory(big, { ...narrow, wide: true }).split('Deployment/w7 ')).toHaveLength(11);
  });

  it('says how many of how many it shows, and that filters left nothing', () => {
    const few = takeInventory(demo, { namespaces: ['shop-pay'] });
    expect(renderInventory(few, narrow)).toContain(
      `${String(few.workloads.length)} of ${String(few.summary.ofWorkloads)} workloads shown`,
    );
    const none = takeInventory(demo, { namespaces: [], states: ['contested'] });
    expect(renderInventory(none, narrow)).toContain('is what the filters ask for');
  });

  it('says with how many workloads what is not known, and why', () => {
    const result = cluster(1, 2);
    const [first] = result.summary.unknown;
    if (first !== undefined) expect(renderInventory(result, narrow)).toContain('not known:');
    expect(renderInventory(takeInventory(demo, { namespaces: [] }), narrow)).toMatch(/^workloads +\d+ /m);
  });

  it('has the same workloads in Markdown', () => {
    const result = takeInventory(demo, { namespaces: ['shop-parcel'] });
    const markdown = renderInventoryMarkdown(result);
    for (const { kind, name } of result.workloads) expect(markdown).toContain(`${kind}/${name}`);
  });
});

describe("a workload's story as text", () => {
  it('fits 80 columns, whatever the workload', () => {
    for (const { namespace: place, kind, name } of takeInventory(demo, { namespaces: ['shop-parcel'] }).workloads) {
      const story = tellWorkload(demo, `${place}/${kind}/${name}`, []);
      const text = renderDocument(storyDocument(story, { wide: false }), narrow);
      expect(longLines(text, 80)).toEqual([]);
      expect(text).toContain(`${place}/${kind}/${name}: ${story.workload.state}`);
    }
  });

  it('tells the policy behind a mode and who calls', () => {
    const text = renderDocument(storyDocument(tellWorkload(demo, 'deploy/shipping', []), { wide: false }), narrow);
    expect(text).toContain('PeerAuthentication shop-parcel/default, spec.mtls.mode = PERMISSIVE');
    expect(text).toMatch(/shop-core\/Deployment\/orders to\s+shop-parcel\/Service\/shipping:8080/);
  });
});
