import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/domain/checks/catalogue.ts';
import { exposed } from './opened-manifests.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meshwise-status-'));
const manifests = join(folder, 'front.json');
writeFileSync(manifests, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: exposed('shop', 'front') }));
const namespace = join(folder, 'namespace.json');
writeFileSync(namespace, JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));

const stages = ['install', 'inject', 'permissive', 'strict', 'authz', 'day2'] as const;
const uncovered = stages.find((stage) => !CATALOGUE.some((check) => check.stages.includes(stage)));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function statusOf(...words: readonly string[]): number | null {
  return spawnSync(process.execPath, ['bin/run.js', ...words], { cwd: ROOT, encoding: 'utf8' }).status;
}

describe.skipIf(!existsSync(join(ROOT, 'dist/commands/check.js')))('exit statuses of the built program', () => {
  it.each([
    ['check', 0, []],
    ['check', 1, ['--fail-on', 'high']],
    ['check', 1, ['--fail-on', 'high', '-o', 'json']],
    ['check', 1, ['--fail-on', 'high', '-o', 'markdown']],
    ['check', 0, ['--fail-on', 'none']],
    ['check', 2, ['-n', 'no-such-namespace']],
    ['check', 2, ['--stage', 'no-such-stage']],
    ['assess', 2, ['--answer', 'no-such-question=yes']],
    ['assess', 2, ['--exclude', 'consul']],
  ] as const)('%s ends with %i given %j', (command, status, words) => {
    expect(statusOf(command, '-f', manifests, ...words)).toBe(status);
  });

  it('assess ends with 0 where one option is left', () => {
    const meshes = ['istio-sidecar', 'istio-ambient', 'linkerd', 'consul', 'cilium'];
    const words = meshes.flatMap((mesh) => ['--exclude', `${mesh}=out of the question`]);
    expect(statusOf('assess', '-f', manifests, ...words)).toBe(0);
  });

  it('assess ends with 4 where there is nothing to decide by', () => {
    expect(statusOf('assess', '-f', namespace)).toBe(4);
  });

  it.skipIf(uncovered === undefined)('check ends with 4 for a stage that no check covers', () => {
    expect(statusOf('check', '-f', manifests, '--stage', uncovered ?? '')).toBe(4);
  });

  it.each([
    [0, []],
    [0, ['unmeshed-callers']],
    [2, ['no-such-check']],
  ] as const)('explain ends with %i given %j', (status, words) => {
    expect(statusOf('explain', ...words)).toBe(status);
  });

  it('prints one JSON document with the result that the text is made of', () => {
    const words = ['bin/run.js', 'check', '-f', manifests, '-o', 'json'];
    const result: unknown = JSON.parse(execFileSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' }));
    expect(result).toMatchObject({ kind: 'CheckReport', failing: 0, summary: { findings: { high: 1 } } });
  });
});
