import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readLines } from '../../../src/adapters/flows/lines.ts';
import { logFiles } from './log-files.ts';

let files = logFiles();
beforeEach(() => {
  files.end();
  files = logFiles();
});
afterAll(() => {
  files.end();
});

async function linesOf(path: string) {
  const lines = [];
  for await (const block of readLines(path)) lines.push(...block);
  return lines.map(({ place, text }) => [place.replace(files.path, ''), text]);
}

describe('reading lines', () => {
  it('numbers them, leaves out blank ones, and takes the last without a line break', async () => {
    expect(await linesOf(files.write('a.log', 'one\r\n\n  \nfour'))).toEqual([
      ['/a.log:1', 'one\r'],
      ['/a.log:4', 'four'],
    ]);
  });

  it('reads gzip by its first bytes, and UTF-16 as PowerShell writes it', async () => {
    expect(await linesOf(files.write('packed', gzipSync('one\ntwo\n')))).toEqual([
      ['/packed:1', 'one'],
      ['/packed:2', 'two'],
    ]);
    expect(await linesOf(files.write('wide.log', Buffer.from('\uFEFFone\n', 'utf16le')))).toEqual([
      ['/wide.log:1', 'one'],
    ]);
  });

  it('reads letters that stand on the border of two blocks', async () => {
    const text = `${'ä'.repeat(200_000)}\nö\n`;
    expect(await linesOf(files.write('a.log', `x${text}`))).toEqual([
      ['/a.log:1', `x${'ä'.repeat(200_000)}`],
      ['/a.log:2', 'ö'],
    ]);
  });

  it('does not hold a line that has no end, and goes on behind it', async () => {
    const huge = 'x'.repeat(3 * 1024 * 1024);
    expect(await linesOf(files.write('a.log', `one\n${huge}\nthree\n${huge}`))).toEqual([
      ['/a.log:1', 'one'],
      ['/a.log:2', undefined],
      ['/a.log:3', 'three'],
      ['/a.log:4', undefined],
    ]);
  });

  it('reads the logs of a directory in order, and nothing outside of it', async () => {
    const outside = logFiles();
    outside.write('secret.log', 'secret\n');
    mkdirSync(join(files.path, 'b'));
    mkdirSync(join(files.path, '.git'));
    files.write('b/2.jsonl', 'two\n');
    files.write('a.log.1', 'one\n');
    files.write('.git/x.log', 'hidden\n');
    files.write('image.png', 'no\n');
    symlinkSync(outside.path, join(files.path, 'out'));
    symlinkSync(files.path, join(files.path, 'round'));
    symlinkSync(join(files.path, 'gone'), join(files.path, 'gone.log'));
    expect(await linesOf(files.path)).toEqual([
      [':a.log.1:1', 'one'],
      [':b/2.jsonl:1', 'two'],
    ]);
    outside.end();
  });

  it('names what cannot be read', async () => {
    await expect(linesOf(join(files.path, 'gone'))).rejects.toMatchObject({ code: 'path-not-found', exitStatus: 2 });
    await expect(linesOf('/dev/zero')).rejects.toMatchObject({ code: 'not-a-file' });
    await expect(linesOf(files.path)).rejects.toMatchObject({ code: 'no-logs-found' });
    const cut = files.write('cut.gz', gzipSync('one\n'.repeat(1000)).subarray(0, 30));
    await expect(linesOf(cut)).rejects.toMatchObject({
      code: 'bad-compression',
      message: expect.stringContaining(cut) as string,
    });
  });

  it('tells how far it has come', async () => {
    const told: string[] = [];
    const file = files.write('a.log', 'x\n'.repeat(250_000));
    let lines = 0;
    for await (const block of readLines(file, (text) => told.push(text))) lines += block.length;
    expect(lines).toBe(250_000);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told[0]).toBe(`reading ${file}: 0 lines read`);
  });
});
