import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedWorld } from '../../../../src/app/open-world.ts';
import { checkWorld } from '../../../../src/app/run-checks.ts';
import { runSimulation } from '../../../../src/app/run-simulation.ts';
import { inventoryOf } from '../../../../src/domain/inventory/inventory.ts';
import { pseudonymOf } from '../../../../src/domain/world/hide-names/hide-names.ts';
import { asList, asObject } from '../../../../src/lib/json.ts';
import { compareText } from '../../../../src/lib/order.ts';
import { NAMED_CALLS, NAMED_WORLDS } from '../../../support/hidden-worlds.ts';
import { openFiles } from '../../../support/open-files.ts';

const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;

/** Everything that the world answers; the name of the cluster and the paths of files are not of it. */
function answersOf(opened: OpenedWorld): unknown {
  const { cluster: _cluster, ...inventory } = inventoryOf(opened.world, opened.graph, { namespaces: [] });
  const { calls, counts } = runSimulation(opened, []);
  const { findings } = checkWorld(opened, { target: 'istio-sidecar', namespaces: [], failOn: 'none' });
  return { inventory, calls, counts, findings, graph: opened.graph.calls, windows: opened.graph.windows };
}

/** The text without paths of files, the pseudonyms taken back to the words of the original. */
function backToWords(hidden: string, original: OpenedWorld): string {
  const pseudonym = pseudonymOf({ ...original.reading, calls: original.observed });
  const words = new Set(JSON.stringify([original.reading, original.observed]).match(WORD) ?? []);
  const wordOf = new Map([...words].map((word) => [pseudonym(word), word]));
  return hidden.replaceAll(WORD, (word) => wordOf.get(word) ?? word);
}

function withoutFiles(text: string, original: OpenedWorld): string {
  const { objects } = original.reading;
  const ofObjects = objects.flatMap(({ origin }) => (origin.from === 'read' ? (origin.file ?? []) : []));
  const files = [...new Set([...ofObjects, ...original.observed.map(({ source }) => source)])];
  const longestFirst = files.sort((left, right) => right.length - left.length);
  return longestFirst
    .reduce((rest, file) => rest.replaceAll(file, 'FILE'), text)
    .replaceAll(/(file|calls)-\d+/g, 'FILE');
}

/** The value with every list in one order: rows are sorted by names. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const members = asList(value).map((member) => JSON.stringify(inOneOrder(member)));
    return members.sort(compareText).map((text): unknown => JSON.parse(text));
  }
  const object = asObject(value);
  if (object === undefined) return value;
  const entries = Object.entries(object).sort(([left], [right]) => compareText(left, right));
  return Object.fromEntries(entries.map(([key, member]) => [key, inOneOrder(member)]));
}

describe('a world whose names are hidden', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-same-'));
    writeFileSync(join(folder, 'calls.csv'), NAMED_CALLS);
    for (const { title, yaml } of NAMED_WORLDS) writeFileSync(join(folder, `${title}.yaml`), yaml);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function saved(title: string): Promise<{ original: OpenedWorld; hidden: OpenedWorld; text: string }> {
    const calls = title === 'demo' ? [] : [join(folder, 'calls.csv')];
    const flags = title === 'demo' ? { demo: true, calls } : { filename: [join(folder, `${title}.yaml`)], calls };
    const [plain, pseudonymous] = [join(folder, 'plain.jsonl'), join(folder, 'hidden.jsonl')];
    await openFiles({ ...flags, save: plain });
    await openFiles({ ...flags, save: pseudonymous, 'hide-names': true });
    const [original, hidden] = [await openFiles({ filename: [plain] }), await openFiles({ filename: [pseudonymous] })];
    return { original, hidden, text: readFileSync(pseudonymous, 'utf8') };
  }

  it.each(['demo', ...NAMED_WORLDS.map(({ title }) => title)])(
    'gives the same answers with the names put back: %s',
    async (title) => {
      const { original, hidden, text } = await saved(title);
      const [before, after] = [JSON.stringify(answersOf(original)), JSON.stringify(answersOf(hidden))];
      const putBack = withoutFiles(backToWords(after, original), original);
      expect(original.reading.objects.length).toBeGreaterThan(5);
      expect(after).not.toBe(before);
      expect(inOneOrder(JSON.parse(putBack))).toEqual(inOneOrder(JSON.parse(withoutFiles(before, original))));
      expect(text).not.toMatch(/tracker|parcels|turnstile|zebra|calls\.csv/);
    },
  );
});
