import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openMetrics, type TestSeries } from './samples.ts';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Seconds since 1970, where the samples end. */
  readonly end: number;
  readonly series: Iterable<TestSeries>;
  /** `web.config.file` of Prometheus, in YAML. */
  readonly webConfig?: string;
  readonly flags?: readonly string[];
}

/** A Prometheus on loopback that holds the samples and scrapes nothing. */
export async function startPrometheus(options: TestServerOptions): Promise<TestServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshwise-prometheus-'));
  makeBlocks(folder, options);
  writeFileSync(path.join(folder, 'prometheus.yml'), 'global: {}\n');
  writeFileSync(path.join(folder, 'web.yml'), options.webConfig ?? '{}\n');
  const port = String(await freePort());
  const log: string[] = [];
  const child = spawn(
    'prometheus',
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--web.config.file=${path.join(folder, 'web.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      ...(options.flags ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`Prometheus did not start: ${log.join('').slice(-2000)}`, { cause: error });
  }
  return { url, stop: () => stop(child, folder) };
}

function makeBlocks(folder: string, { series, end }: TestServerOptions): void {
  const file = path.join(folder, 'samples.txt');
  const handle = openSync(file, 'w');
  for (const text of openMetrics(series, end)) writeSync(handle, text);
  closeSync(handle);
  const made = spawnSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', file, path.join(folder, 'data')]);
  if (made.status !== 0) throw new Error(`promtool failed: ${made.stderr.toString().slice(-2000)}`);
  rmSync(file);
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error('it ended');
    // With a password it answers 401, which shows as well that it is up.
    const status = await fetch(`${url}/-/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await wait(100);
  }
  throw new Error('it was not ready in 30 seconds');
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
