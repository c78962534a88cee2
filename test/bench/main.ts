import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { measure, measureBaseline, median, type Usage } from './measure.ts';
import { storePages } from './page-store.ts';
import { benchPlans } from './plans.ts';
import type { ClusterSize } from './synthetic-cluster.ts';
import { tableOf, type Row } from './table.ts';
import { benchVerdicts } from './verdicts.ts';

const HERE = import.meta.dirname;
const PROGRAM = resolve(HERE, '..', '..', 'bin', 'run.js');

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '150000' },
    services: { type: 'string', default: '10000' },
    nodes: { type: 'string', default: '5000' },
    namespaces: { type: 'string', default: '500' },
    policies: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    pairs: { type: 'string', default: '5' },
    'smaller-by': { type: 'string', default: '10' },
    verdicts: { type: 'string' },
    plan: { type: 'boolean', default: false },
    target: { type: 'string', default: 'istio-sidecar' },
  },
});

const full: ClusterSize = {
  pods: Number(values.pods),
  services: Number(values.services),
  nodes: Number(values.nodes),
  namespaces: Number(values.namespaces),
  policies: Number(values.policies),
  seed: Number(values.seed),
};
const factor = Number(values['smaller-by']);
const small: ClusterSize = {
  pods: Math.ceil(full.pods / factor),
  services: Math.ceil(full.services / factor),
  nodes: Math.ceil(full.nodes / factor),
  namespaces: Math.ceil(full.namespaces / factor),
  policies: Math.ceil(full.policies / factor),
  seed: full.seed,
};

if (values.plan) {
  process.stdout.write(`${await benchPlans([small, full], values.target)}\n`);
} else if (values.verdicts === undefined) {
  const rows: Row[] = [];
  for (const size of [small, full]) rows.push(...(await benchAt(size)));
  process.stdout.write(`${tableOf(rows, Number(values.pairs))}\n`);
} else {
  process.stdout.write(`${await benchVerdicts(Number(values.verdicts), full)}\n`);
}

/** Both ways of reading a cluster of the size, each in turn with its baseline. */
async function benchAt(size: ClusterSize): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'meshwise-bench-'));
  const storeFile = join(folder, 'store.json');
  const { bytes } = storePages(folder, size);
  const { child, url } = await startServer(storeFile);
  try {
    const live = [PROGRAM, 'inventory', '--kubeconfig', writeKubeconfig(folder, url), '--qps', '0'];
    const snapshot = join(folder, 'cluster.jsonl');
    await podRequests(url);
    await measure(folder, [...live, '--save', snapshot]);
    const requests = await podRequests(url);
    const pages = await pairs(folder, live, ['pages', storeFile, url]);
    const lines = await pairs(folder, [PROGRAM, 'inventory', '-f', snapshot], ['lines', snapshot]);
    return [
      { size, source: 'paged lists', megabytes: bytes / 1e6, ...pages, requests },
      { size, source: 'snapshot', megabytes: statSync(snapshot).size / 1e6, ...lines, requests: 0 },
    ];
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Medians over interleaved pairs, so that a busy moment of the machine meets both. */
async function pairs(folder: string, subject: readonly string[], baseline: readonly string[]) {
  const subjects: Usage[] = [];
  const baselines: Usage[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair += 1) {
    baselines.push(await measureBaseline(folder, baseline));
    subjects.push(await measure(folder, subject));
  }
  return { subject: medians(subjects), baseline: medians(baselines) };
}

function medians(usages: readonly Usage[]): Usage {
  return {
    seconds: median(usages.map(({ seconds }) => seconds)),
    cpuSeconds: median(usages.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: median(usages.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

async function startServer(storeFile: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', resolve(HERE, 'page-server.ts'), storeFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const port of createInterface({ input: child.stdout })) return { child, url: `http://127.0.0.1:${port}` };
  throw new Error('the server of pages ended before it listened');
}

/** Requests for pods since the last time this was asked. */
async function podRequests(url: string): Promise<number> {
  const counted = (await (await fetch(`${url}/requests`)).json()) as Readonly<Record<string, number>>;
  return counted['/api/v1/pods'] ?? 0;
}

function writeKubeconfig(folder: string, server: string): string {
  const path = join(folder, 'kubeconfig.json');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: {} }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
