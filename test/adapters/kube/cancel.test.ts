import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeSnapshot } from '../../../src/adapters/files/write-snapshot.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { startKubeApiStub, stubKubeconfig, type Fault } from '../../support/kube-api-stub.ts';
import { resourceOf, temporaryFile } from './read-stub.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-cancel-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

describe.skipIf(!existsSync(join(ROOT, 'dist/wiring-cluster.js')))('Ctrl-C to the built program', () => {
  it.each<[string, Fault]>([
    ['an answer', { fault: 'hang' }],
    ['the end of an answer', { fault: 'slow', milliseconds: 20_000 }],
    ['its next attempt', { fault: 'status', status: 503, retryAfterSeconds: 30 }],
  ])('while it waits for %s ends it within two seconds with 130', async (_what, fault) => {
    const folder = temporaryFolder();
    let reached: (() => void) | undefined;
    const isReading = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const stub = await startKubeApiStub({
      resources: [resourceOf('v1', 'Pod', 3)],
      faults: ({ path }) => {
        if (path !== '/api/v1/pods') return undefined;
        reached?.();
        return fault;
      },
    });
    onTestFinished(() => stub.close());
    const words = ['bin/run.js', 'inventory', '--kubeconfig', temporaryFile(stubKubeconfig(stub.url))];
    const child = spawn(process.execPath, [...words, '--save', join(folder, 'a.jsonl.gz')], { cwd: ROOT });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', (code) => {
        resolve(code);
      });
    });
    await isReading;
    const started = performance.now();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(said).toContain('cancelled');
    expect(said).not.toMatch(/\n\s+at |Error:/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a snapshot that is cancelled while it is written', () => {
  it.each(['a.jsonl', 'a.jsonl.gz'])('leaves no half of %s', async (name) => {
    const folder = temporaryFolder();
    const abort = new AbortController();
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } } as unknown as KubeObject;
    const endless = {
      length: 1,
      *[Symbol.iterator]() {
        for (let count = 0; ; count += 1) {
          if (count === 5000) abort.abort();
          yield object;
        }
      },
    } as unknown as readonly KubeObject[];
    const fact = { known: false, reason: 'nobody asked' } as const;
    const content = {
      basis: 'live',
      entries: [],
      cluster: 'c',
      asOf: fact,
      kubernetesVersion: fact,
      writtenBy: 'test',
    } as const;
    const writing = writeSnapshot(join(folder, name), { ...content, objects: endless }, abort.signal);
    await expect(writing).rejects.toMatchObject({ code: 'cancelled', exitStatus: 130 });
    expect(readdirSync(folder)).toEqual([]);
  });
});
