import { rmSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { asObject } from '../../src/lib/json.ts';
import { installFixture, runProgram } from './run-fixture.ts';

let folder = '';
beforeAll(() => {
  folder = installFixture();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Row {
  readonly ending: string;
  readonly args: readonly string[];
  readonly status: number;
  /** The code of the error document; without it the command has a result. */
  readonly code?: string;
}

const rows: readonly Row[] = [
  { ending: 'a result', args: ['end', 'yes'], status: 0 },
  { ending: 'the answer no', args: ['end', 'no'], status: 1 },
  { ending: 'the answer no, then unknown', args: ['end', 'no-then-unknown'], status: 1 },
  { ending: 'an unknown command', args: ['nosuch'], status: 2, code: 'unknown-command' },
  { ending: 'a surplus argument', args: ['end', 'yes', 'surplus'], status: 2, code: 'unexpected-argument' },
  { ending: 'a missing argument', args: ['end'], status: 2, code: 'missing-argument' },
  { ending: 'an argument that is no choice', args: ['end', 'nosuch'], status: 2, code: 'invalid-argument' },
  { ending: 'an unknown flag', args: ['end', 'yes', '--nosuch'], status: 2, code: 'unknown-flag' },
  { ending: 'a flag that cannot be parsed', args: ['end', 'yes', '--number', 'x'], status: 2, code: 'usage' },
  { ending: 'wrong input', args: ['end', 'usage'], status: 2, code: 'no-such-path' },
  { ending: 'an unreachable cluster', args: ['end', 'unreachable'], status: 3, code: 'cluster-unreachable' },
  { ending: 'too little evidence', args: ['end', 'evidence'], status: 4, code: 'too-little' },
  { ending: 'a thrown TypeError', args: ['end', 'bug'], status: 5, code: 'bug' },
  { ending: 'thrown text', args: ['end', 'thrown-text'], status: 5, code: 'bug' },
  { ending: 'the answer no, then a TypeError', args: ['end', 'no-then-bug'], status: 5, code: 'bug' },
  { ending: 'a prompt closed by Ctrl-C', args: ['end', 'prompt'], status: 130, code: 'cancelled' },
];

describe('the exit status is the same in text, in JSON and for a reader that has gone', () => {
  it.concurrent.each(rows)('$ending ends with $status in text', async ({ args, status, code }) => {
    const ended = await runProgram(args, folder);
    expect(ended.status).toBe(status);
    if (code === undefined) expect(ended).toMatchObject({ stdout: 'the result\n', stderr: '' });
    else {
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toContain(`[${code}]\n`);
    }
  });

  it.concurrent.each(rows)('$ending ends with $status in JSON', async ({ args, status, code }) => {
    const ended = await runProgram([...args, '-o', 'json'], folder);
    expect(ended).toMatchObject({ status, stderr: '' });
    const document = asObject(JSON.parse(ended.stdout));
    if (code === undefined) expect(document).toMatchObject({ kind: 'Ending' });
    else {
      expect(document).toMatchObject({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'Error', code });
      expect(Object.keys(document ?? {})).toEqual(['apiVersion', 'kind', 'code', 'message', 'hints']);
    }
  });

  it.concurrent.each(rows)('$ending ends with $status with standard output closed', async ({ args, status }) => {
    const json = await runProgram([...args, '-o', 'json'], folder, { stdoutClosed: true });
    expect(json.status).toBe(status);
    expect(json.stderr).toBe('');
  });
});

describe('other ways to end', () => {
  it.concurrent('a long text into a reader that has gone is no failure and says nothing', async () => {
    const ended = await runProgram(['end', 'yes', '--lines', '100000'], folder, { stdoutClosed: true });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
  });

  it.concurrent('an error outside of the command is a bug and not the answer no', async () => {
    const ended = await runProgram(['end', 'later'], folder);
    expect(ended.status).toBe(5);
    expect(ended.stderr).toContain('this is a bug in meshwise: TypeError: outside of the command');
  });

  it.concurrent.each([[[]], [['-o', 'json']]])('Ctrl-C aborts the signal and ends with 130 (%j)', async (flags) => {
    const ended = await runProgram(['end', 'wait', ...flags], folder, { interruptAfter: 'ready\n' });
    expect(ended.status).toBe(130);
    expect(`${ended.stdout}${ended.stderr}`).toContain('cancelled');
  });

  it.concurrent.each([[[]], [['-o', 'json']]])('exit() keeps its status and says nothing (%j)', async (flags) => {
    const ended = await runProgram(['end', 'exit-unreachable', ...flags], folder);
    expect(ended).toEqual({ status: 3, stdout: '', stderr: '' });
  });

  it.concurrent.each([['--version'], ['--help']])('%s of the program itself is a yes', async (flag) => {
    expect((await runProgram([flag])).status).toBe(0);
  });
});

describe('what is said', () => {
  it.concurrent('an unknown command names the nearest one', async () => {
    expect((await runProgram(['ende'], folder)).stderr).toContain('did you mean "meshwise end"?');
  });

  it.concurrent('a path given to -o leads to --out', async () => {
    expect((await runProgram(['end', 'yes', '-o', './rollout'], folder)).stderr).toContain('--out PATH');
    expect((await runProgram(['end', 'yes', '-o', 'yaml'], folder)).stderr).not.toContain('--out PATH');
  });

  it.concurrent('a command has formats of its own beside the common ones', async () => {
    expect((await runProgram(['end', 'yes', '-o', 'wide'], folder)).stdout).toBe('the wide result\n');
    expect((await runProgram(['end', 'yes', '--output=markdown'], folder)).stdout).toBe('# the result\n');
  });

  it.concurrent('an error shows control characters instead of sending them', async () => {
    const text = await runProgram(['end', 'unreachable'], folder);
    expect(text.stderr).toContain(String.raw`cannot reach \u{1b}]0;evil\u{7} [cluster-unreachable]`);
    const typed = await runProgram(['end', 'yes', '--\u001b[31m'], folder);
    expect(typed.stderr).not.toContain('\u001b');
  });

  it.concurrent('a bug shows its stack only with --debug', async () => {
    expect((await runProgram(['end', 'bug'], folder)).stderr).not.toContain('end.js');
    expect((await runProgram(['end', 'bug', '--debug'], folder)).stderr).toContain('end.js');
  });

  it.concurrent('a warning is on standard error in text and in the result in JSON', async () => {
    const text = await runProgram(['end', 'warned'], folder);
    expect(text).toMatchObject({ status: 0, stdout: 'the result\n' });
    expect(text.stderr).toBe('warning: file \\u{1b}[31mred.yaml was set aside\n');
    const json = await runProgram(['end', 'warned', '-o', 'json'], folder);
    expect(json.stderr).toBe('');
    const warnings = asObject(JSON.parse(json.stdout))?.['warnings'];
    expect(warnings).toEqual(['a warning of the result', 'file \u001b[31mred.yaml was set aside']);
  });

  it.concurrent('there is no --json flag', async () => {
    expect((await runProgram(['end', 'yes', '--json'], folder)).status).toBe(2);
  });
});
