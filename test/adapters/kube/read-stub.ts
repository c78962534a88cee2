import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/adapters/kube/clock.ts';
import { readCluster, type ClusterReading, type ReadClusterOptions } from '../../../src/adapters/kube/read-cluster.ts';
import { at, type JsonObject } from '../../../src/lib/json.ts';
import {
  startKubeApiStub,
  stubKubeconfig,
  type KubeApiStub,
  type StubOptions,
  type StubResource,
} from '../../support/kube-api-stub.ts';

/** A clock that never waits and writes down how long it would have. */
export function impatientClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      await turn();
    },
    random: () => 0,
  };
}

/** A file in a folder of its own, with the text. */
export function temporaryFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'meshwise-kube-')), 'config');
  writeFileSync(file, text);
  return file;
}

/** A resource of `count` named objects. */
export function resourceOf(apiVersion: string, kind: string, count: number): StubResource {
  const objects = Array.from({ length: count }, (_, index) => ({
    metadata: { name: `${kind.toLowerCase()}-${String(index)}`, namespace: 'shop' },
  }));
  return { apiVersion, kind, plural: `${kind.toLowerCase()}s`, objects };
}

export interface StubReading extends ClusterReading {
  readonly stub: KubeApiStub;
  /** What came, by kind, with restarts obeyed. */
  readonly objects: ReadonlyMap<string, readonly JsonObject[]>;
}

/** Starts a stub, reads it, and gives both. */
export async function readStub(
  options: StubOptions,
  reading: Partial<ReadClusterOptions> = {},
  user: JsonObject = options.token === undefined ? {} : { token: options.token },
): Promise<StubReading> {
  const stub = await startKubeApiStub(options);
  onTestFinished(() => stub.close());
  const kubeconfig = temporaryFile(stubKubeconfig(stub.url, user));
  const objects = new Map<string, JsonObject[]>();
  const kinds = options.resources.map(({ apiVersion, kind }) =>
    apiVersion.includes('/') ? `${apiVersion.slice(0, apiVersion.indexOf('/'))}/${kind}` : kind,
  );
  const result = await readCluster({
    kubeconfig,
    requestTimeoutSeconds: 5,
    qps: 0,
    signal: new AbortController().signal,
    kinds,
    environment: {},
    clock: impatientClock(),
    onPage: (kind, page) => objects.set(kind, [...(objects.get(kind) ?? []), ...page]),
    onRestart: (kind) => objects.delete(kind),
    ...reading,
  });
  return { ...result, stub, objects };
}

/** Names of the objects. */
export function namesIn(objects: readonly JsonObject[] | undefined): unknown[] {
  return (objects ?? []).map((object) => at(object, 'metadata', 'name'));
}
