import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { KubeObject } from '../../domain/kubernetes/object.ts';
import type { Coverage } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';
import { usageError } from '../../lib/errors.ts';
import type { SetAside } from './reading.ts';

/** Version of the form of snapshots; a reader refuses a newer one. */
export const SNAPSHOT_FORM = 1;

/** What a snapshot keeps: objects as they were admitted, and how far they can be trusted to be all. */
export interface SnapshotContent extends Coverage {
  readonly cluster: string;
  readonly asOf: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly objects: readonly KubeObject[];
  readonly calls?: readonly unknown[];
  readonly setAside?: readonly SetAside[];
  readonly gaps?: readonly string[];
  readonly warnings?: readonly string[];
  readonly secretsSeen?: number;
  readonly conflicts?: number;
  /** Version of meshwise that writes. */
  readonly writtenBy: string;
}

/** The lines of a snapshot: a header, then one object or call a line. */
export function* snapshotLines(content: SnapshotContent): Generator<string> {
  const { objects, calls = [], entries, asOf, ...header } = content;
  const identity = { apiVersion: 'meshwise.dev/v1alpha1', kind: 'Snapshot', form: SNAPSHOT_FORM };
  const counts = { objectCount: objects.length, callCount: calls.length };
  yield `${JSON.stringify({ ...identity, ...header, ...counts, takenAt: asOf, coverage: entries })}\n`;
  for (const object of objects) yield `${JSON.stringify({ object })}\n`;
  for (const call of calls) yield `${JSON.stringify({ call })}\n`;
}

/** Writes a snapshot as JSON Lines, compressed where the path ends in `.gz`; whole or not at all. */
export async function writeSnapshot(path: string, content: SnapshotContent): Promise<void> {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    const lines = Readable.from(snapshotLines(content));
    const file = createWriteStream(temporary);
    await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file) : pipeline(lines, file));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      'cannot-write',
      `cannot write ${path}: ${reason}`,
      'give a path in a folder that you may write to',
    );
  }
}
