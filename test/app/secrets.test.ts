import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlan } from '../../src/app/make-plan.ts';
import { runAssessment } from '../../src/app/run-assessment.ts';
import { checkWorld } from '../../src/app/run-checks.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { takeInventory } from '../../src/app/take-inventory.ts';
import { wireBundle, wireIdentity } from '../../src/wiring-bundle.ts';
import { openFiles } from '../support/open-files.ts';
import { broken, planted, tokensOf } from '../support/planted-secrets.ts';

/** The tokens that stand in the text, as they were planted, in lower case, or in base64. */
function found(text: string, tokens: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  const inBase64 = (token: string): boolean => text.includes(Buffer.from(token).toString('base64'));
  return tokens.filter((token) => lower.includes(token.toLowerCase()) || inBase64(token));
}

function allFiles(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`).join('\n');
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
    expect(secrets.tokens.length).toBeGreaterThanOrEqual(80);
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
    const opened = await openFiles(where === 'files' ? { filename: [file] } : { demo: true, overlay: [file] });
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
