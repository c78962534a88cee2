import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asObject, type JsonObject } from '../../../src/lib/json.ts';
import { run } from './run.ts';

/** etcd and kube-apiserver, running, with the data of one folder. */
export interface TestServer {
  /** Of the administrator. */
  readonly kubeconfig: string;
  readonly folder: string;
  readonly port: number;
  /** Kills both without notice and starts them on the same data, as a control plane that crashed. */
  restart(): Promise<void>;
  /** Drops every older revision: lists that were begun before have expired. */
  compact(): Promise<void>;
  /** What the audit log holds so far, oldest first. */
  auditEvents(): readonly JsonObject[];
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

const READY_WITHIN_SECONDS = 120;

/** Starts an empty server and waits until it is ready. */
export async function startTestServer(program: string): Promise<TestServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshwise-cluster-'));
  const [port, etcdPort, peerPort] = await freePorts();
  const kubeconfig = path.join(folder, 'kubeconfig');
  const flags = {
    '-dir': folder,
    '-port': String(port),
    '-etcd-port': String(etcdPort),
    '-peer-port': String(peerPort),
  };
  const args = ['serve', ...Object.entries(flags).flat()];
  let child = launch(program, args, folder);
  await untilReady(program, kubeconfig, child);
  return {
    kubeconfig,
    folder,
    port,
    restart: async () => {
      await end(child, 'SIGKILL');
      child = launch(program, args, folder);
      await untilReady(program, kubeconfig, child);
    },
    compact: async () => {
      const { status, stderr } = await run(program, ['compact', '-etcd-port', String(etcdPort)]);
      if (status !== 0) throw new Error(`etcd was not compacted: ${stderr}`);
    },
    auditEvents: () => readAuditLog(path.join(folder, 'audit.log')),
    stop: async () => {
      await end(child, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three ports that were free a moment ago. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const listeners = [createServer(), createServer(), createServer()] as const;
  for (const listener of listeners) listener.listen(0, '127.0.0.1');
  await Promise.all(listeners.map((listener) => once(listener, 'listening')));
  const [first, second, third] = listeners.map((listener) => (listener.address() as AddressInfo).port);
  for (const listener of listeners) listener.close();
  return [first ?? 0, second ?? 0, third ?? 0];
}

function launch(program: string, args: readonly string[], folder: string): ChildProcess {
  // Webhooks of a world name services that are nowhere; an API server would ask for them through the machine's proxy.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  child.stderr.pipe(createWriteStream(path.join(folder, 'server.log'), { flags: 'a' }));
  // A test run that is interrupted leaves no server behind.
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  return child;
}

async function untilReady(program: string, kubeconfig: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_SECONDS * 1000;
  for (;;) {
    const { status } = await run(program, ['kubectl', '--kubeconfig', kubeconfig, 'get', '--raw', '/readyz']);
    if (status === 0) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      const log = readFileSync(path.join(path.dirname(kubeconfig), 'server.log'), 'utf8');
      throw new Error(`the API server did not become ready:\n${log.slice(-3000)}`);
    }
    await sleep(300);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Every line is an event; only the last may be in the middle of being written. */
function readAuditLog(file: string): readonly JsonObject[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => asObject(JSON.parse(line)) ?? {});
}
