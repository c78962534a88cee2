import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedWorld } from '../../src/app/open-world.ts';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { openFiles } from '../support/open-files.ts';
import { NAMED_CALLS, NAMED_WORLDS } from '../support/hidden-worlds.ts';

const LINKERD = NAMED_WORLDS.find(({ title }) => title.startsWith('Linkerd'))?.yaml ?? '';

describe('calls in a snapshot', () => {
  let folder: string;
  let calls: string;
  let save: string;
  let first: OpenedWorld;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshwise-calls-'));
    calls = join(folder, 'calls.csv');
    save = join(folder, 'world.jsonl.gz');
    writeFileSync(calls, NAMED_CALLS);
    writeFileSync(join(folder, 'world.yaml'), LINKERD);
    first = await openFiles({ filename: [join(folder, 'world.yaml')], calls: [calls], save });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('come back without --calls, with counts, times and the window', async () => {
    const again = await openFiles({ filename: [save] });
    expect(again.observed).toEqual(first.observed);
    expect(again.graph).toEqual(first.graph);
    expect(again.graph.windows).toEqual([
      { source: calls, from: '2026-11-01T00:00:00Z', to: '2026-11-15T00:00:00Z', seesUnmeshed: true },
    ]);
    const evidence = again.graph.calls.flatMap((call) => call.evidence).filter(({ kind }) => kind === 'observed');
    expect(evidence.map(({ count }) => count)).toEqual(expect.arrayContaining([12, 3, 1, 4]));
    expect(JSON.stringify(runSimulation(again, []).calls)).toBe(JSON.stringify(runSimulation(first, []).calls));
  });

  it('count once where the same file is given beside the snapshot', async () => {
    const both = await openFiles({ filename: [save], calls: [calls] });
    expect(both.graph).toEqual(first.graph);
  });

  it('stand beside those of another file', async () => {
    const more = join(folder, 'more.csv');
    writeFileSync(more, 'client,service,port,count\norders,tracker,80,5\n');
    const both = await openFiles({ filename: [save], calls: [more] });
    expect(both.observed.map(({ source, rows }) => [source, rows.length])).toEqual([
      [calls, 4],
      [more, 1],
    ]);
  });

  it('are kept through a second snapshot, and one without calls says that nobody watched', async () => {
    const second = join(folder, 'second.jsonl');
    await openFiles({ filename: [save], save: second });
    expect((await openFiles({ filename: [second] })).graph).toEqual(first.graph);
    await openFiles({ filename: [join(folder, 'world.yaml')], save: second });
    expect((await openFiles({ filename: [second] })).observed).toEqual([]);
  });

  it('hold no query of a path, in which tokens stand', () => {
    expect(readFileSync(calls, 'utf8')).toContain('token');
    expect(JSON.stringify(first.graph.calls)).not.toContain('token');
    expect(first.observed.flatMap(({ rows }) => rows.map(({ path }) => path))).toContain('/track/9');
  });
});
