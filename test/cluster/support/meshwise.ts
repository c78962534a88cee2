import path from 'node:path';
import { asObject, type JsonObject } from '../../../src/lib/json.ts';
import { run, type Ending } from './run.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The time by which every run judges ages, so that runs can be compared. */
const AT = '2026-11-21T12:00:00Z';

/** Runs the built program to its end. */
export function meshwise(args: readonly string[], timeoutSeconds = 180): Promise<Ending> {
  // NODE_ENV=test would make oclif look for TypeScript sources.
  const environment = { NODE_ENV: 'production', NO_COLOR: '1', KUBECONFIG: '' };
  return run(process.execPath, [path.join(ROOT, 'bin/run.js'), ...args], { environment, timeoutSeconds });
}

/** The flags that read a live cluster without waiting between requests. */
export function live(kubeconfig: string): readonly string[] {
  return ['--kubeconfig', kubeconfig, '--qps', '0', '--no-input'];
}

/** The inventory as JSON text; throws where the program ended otherwise. */
export async function inventoryText(source: readonly string[]): Promise<string> {
  const ended = await meshwise(['inventory', ...source, '--at', AT, '-o', 'json']);
  if (ended.status !== 0) {
    throw new Error(
      `inventory ended with ${String(ended.status)}: ${ended.stderr.slice(0, 2000)}${ended.stdout.slice(0, 500)}`,
    );
  }
  return ended.stdout;
}

/** The inventory as a document. */
export async function inventory(source: readonly string[]): Promise<JsonObject> {
  return asObject(JSON.parse(await inventoryText(source))) ?? {};
}
