import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawGraph } from '../../src/app/draw-graph.ts';
import { makePlan } from '../../src/app/make-plan.ts';
import { rolesFor } from '../../src/app/print-rbac.ts';
import { runAssessment } from '../../src/app/run-assessment.ts';
import { checkWorld } from '../../src/app/run-checks.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { tellWorkload } from '../../src/app/tell-workload.ts';
import { NO_CHOICES } from '../../src/domain/rollout/choices.ts';
import { workloadsOf } from '../../src/domain/world/workloads-of.ts';
import { formatWorkload } from '../../src/domain/world/workload.ts';
import { graphDocument } from '../../src/render/graph/document.ts';
import { renderDot } from '../../src/render/graph/dot.ts';
import { renderMermaid } from '../../src/render/graph/mermaid.ts';
import { renderSvg } from '../../src/render/graph/svg.ts';
import { renderDocumentMarkdown } from '../../src/render/markdown/document.ts';
import { renderInventoryMarkdown } from '../../src/render/markdown/inventory.ts';
import { storyDocument } from '../../src/render/story-document.ts';
import { renderDocument } from '../../src/render/text/document.ts';
import { renderInventory } from '../../src/render/text/inventory.ts';
import { rolesAsYaml } from '../../src/wiring-rbac.ts';
import { wireBundle, wireIdentity } from '../../src/wiring-bundle.ts';
import { resourceOf } from '../../src/domain/kubernetes/plurals.ts';
import { asObject, asText, at } from '../../src/lib/json.ts';
import { groupBy } from '../../src/lib/order.ts';
import { startKubeApiStub, stubKubeconfig, type StubResource } from '../support/kube-api-stub.ts';
import { openFiles } from '../support/open-files.ts';
import { broken, planted, tokensOf } from '../support/planted-secrets.ts';

/** The tokens that stand in the text, as they were planted, in lower case, or in base64. */
function found(text: string, tokens: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  const inBase64 = (token: string): boolean => text.includes(Buffer.from(token).toString('base64'));
  return tokens.filter((token) => lower.includes(token.toLowerCase()) || inBase64(token));
}

/** The objects as an API server lists them, kind by kind. */
function servedAs(objects: readonly unknown[]): StubResource[] {
  const kinds = groupBy(objects, (object) => `${String(at(object, 'apiVersion'))} ${String(at(object, 'kind'))}`);
  return [...kinds].map(([key, members]) => {
    const [apiVersion = '', kind = ''] = key.split(' ');
    return {
      apiVersion,
      kind,
      plural: resourceOf(kind),
      objects: members.map(asObject).filter((one) => one !== undefined),
    };
  });
}

function allFiles(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`).join('\n');
}

const TERMINAL = { colour: false, width: 120 };

/** The namespaces of the objects, as manifests: nothing is applied into a namespace that is not there. */
function namespacesOf(objects: readonly unknown[]): string {
  const names = objects
    .map((object) => asText(at(object, 'metadata', 'namespace')))
    .filter((name) => name !== undefined);
  return [...new Set(names)]
    .map((name) => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`)
    .join('');
}

describe('what leaves the cluster', () => {
  const secrets = planted();
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-secrets-'));
    file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: secrets.objects }));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read from a world that is full of tokens', () => {
    expect(secrets.tokens.length).toBeGreaterThanOrEqual(600);
    expect(found(readFileSync(file, 'utf8'), secrets.tokens)).toEqual(secrets.tokens);
  });

  it('holds no token in a snapshot, and keeps the hosts that calls go to', async () => {
    const save = join(folder, 'world.jsonl');
    await openFiles({ filename: [file], save });
    const text = readFileSync(save, 'utf8');
    expect(found(text, secrets.tokens)).toEqual([]);
    expect(text).toContain('"host":"db.shop.svc"');
    expect(text).toContain('"host":"api.shop"');
  });

  it.each(['files', 'overlay'])('holds no token in any result of a world with %s', async (where) => {
    const places = join(folder, 'namespaces.yaml');
    writeFileSync(places, namespacesOf(secrets.objects));
    const opened = await openFiles(where === 'files' ? { filename: [file] } : { demo: true, overlay: [places, file] });
    const request = { target: 'istio-sidecar', namespaces: [], failOn: 'none' } as const;
    const results = [
      takeInventory(opened, { namespaces: [] }),
      runSimulation(opened, []),
      checkWorld(opened, request),
      runAssessment(opened, { answers: [], exclusions: [] }),
      opened.graph,
    ];
    expect(results.map((result) => found(JSON.stringify(result), secrets.tokens))).toEqual([[], [], [], [], []]);
  });

  it('holds no token in the inventory, in any form', async () => {
    const result = takeInventory(await openFiles({ filename: [file] }), { namespaces: [] });
    const texts = [false, true].map((wide) => renderInventory(result, { ...TERMINAL, wide }));
    const outputs = [JSON.stringify(result), renderInventoryMarkdown(result), ...texts];
    expect(outputs.every((text) => text.includes('meshed'))).toBe(true);
    expect(outputs.map((text) => found(text, secrets.tokens))).toEqual(outputs.map(() => []));
  });

  it('holds no token in the story of any workload, in any form', async () => {
    const opened = await openFiles({ filename: [file] });
    const names = workloadsOf(opened.world).map(formatWorkload);
    const stories = names.map((name) => tellWorkload(opened, name, []));
    const outputs = stories.flatMap((story) => {
      const [short, wide] = [false, true].map((all) => storyDocument(story, { wide: all }));
      if (short === undefined || wide === undefined) return [];
      const texts = [short, wide].map((document) => renderDocument(document, TERMINAL));
      return [JSON.stringify(story), renderDocumentMarkdown(wide), ...texts];
    });
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(outputs).toHaveLength(4 * names.length);
    expect(outputs.filter((text) => found(text, secrets.tokens).length > 0)).toEqual([]);
  });

  it.each(['workload', 'namespace'] as const)('holds no token in a graph by %s, in any form', async (by) => {
    const opened = await openFiles({ filename: [file] });
    const drawing = drawGraph(opened, { by, probes: true, scope: { namespaces: [] } });
    const document = graphDocument(drawing);
    const texts = [renderDocument(document, TERMINAL), renderDocumentMarkdown(document)];
    const outputs = [JSON.stringify(drawing), ...texts, renderMermaid(drawing), renderDot(drawing), renderSvg(drawing)];
    expect(drawing.edges.length).toBeGreaterThan(0);
    expect(outputs.map((text) => found(text, secrets.tokens))).toEqual(outputs.map(() => []));
  });

  it('holds no token in the roles, which are made of no object', async () => {
    const roles = await rolesAsYaml(rolesFor({ configMapNamespaces: ['shop'], revisions: [] }));
    expect(roles).toContain('ClusterRole');
    expect(found(roles, secrets.tokens)).toEqual([]);
    expect(roles).not.toMatch(/\bsecrets\b/);
  });

  it('holds no token in a snapshot whose names are hidden, nor what is read back from it', async () => {
    const save = join(folder, 'hidden.jsonl');
    await openFiles({ filename: [file], save, 'hide-names': true });
    expect(found(readFileSync(save, 'utf8'), secrets.tokens)).toEqual([]);
    const again = await openFiles({ filename: [save] });
    expect(again.reading.objects.length).toBeGreaterThan(10);
    expect(found(JSON.stringify(takeInventory(again, { namespaces: [] })), secrets.tokens)).toEqual([]);
  });

  it.each([false, true])('holds no token where it is read from a live cluster, names hidden: %s', async (hides) => {
    const stub = await startKubeApiStub({ resources: servedAs(secrets.objects) });
    const save = join(folder, `live-${String(hides)}.jsonl`);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, stubKubeconfig(stub.url));
    const flags = { kubeconfig, qps: 0, save, 'hide-names': hides, 'read-configmaps': ['shop', 'default'] };
    const opened = await openFiles(flags);
    await stub.close();
    const text = readFileSync(save, 'utf8');
    expect(opened.reading.objects.length).toBeGreaterThan(10);
    expect(found(text, secrets.tokens)).toEqual([]);
    expect(found(JSON.stringify([opened.headFor('Inventory'), opened.graph]), secrets.tokens)).toEqual([]);
    expect(stub.requests.filter(({ path }) => path.includes('secret'))).toEqual([]);
    expect(text).toContain(hides ? '.svc"' : '"host":"db.shop.svc"');
  });

  it('holds no token in a plan and its bundle', async () => {
    const opened = await openFiles({ filename: [file] });
    const plan = makePlan(
      opened,
      {
        target: 'istio-sidecar',
        goal: 'deny-by-default',
        acceptEvidence: 'inferred',
        minWindowSeconds: undefined,
        namespaces: [],
        meshVersion: undefined,
        choices: NO_CHOICES,
      },
      await wireIdentity(opened, 'test'),
    );
    expect(found(JSON.stringify(plan), secrets.tokens)).toEqual([]);
    const out = join(folder, 'rollout');
    const write = await wireBundle(out);
    write(plan);
    expect(found(allFiles(out), secrets.tokens)).toEqual([]);
  });

  it.each(broken())('holds no token in what is said of $name', async ({ name, text }) => {
    const bad = mkdtempSync(join(folder, 'bad-'));
    writeFileSync(join(bad, name), text);
    writeFileSync(join(bad, 'good.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
    const opened = await openFiles({ filename: [bad] });
    const head = JSON.stringify(opened.headFor('Inventory'));
    expect(tokensOf(text).length).toBeGreaterThan(0);
    expect(head).toContain(name);
    expect(found(head, tokensOf(text))).toEqual([]);
    await openFiles({ filename: [join(bad, name)] }).catch((error: unknown) => {
      expect(found(String(error) + JSON.stringify(error), tokensOf(text))).toEqual([]);
    });
  });
});
