import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { CallsFile, SeenCall } from '../../domain/calls/call.ts';
import type { KubeObject } from '../../domain/kubernetes/object.ts';
import type { Coverage } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';
import { AppError, EXIT, usageError } from '../../lib/errors.ts';
import type { SetAside } from './reading.ts';

/** Version of the form of snapshots; a reader refuses a newer one. */
export const SNAPSHOT_FORM = 2;

/** What a snapshot keeps: objects as they were admitted, and how far they can be trusted to be all. */
export interface SnapshotContent extends Coverage {
  readonly cluster: string;
  readonly asOf: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly objects: readonly KubeObject[];
  /** What was observed of calls, file by file. */
  readonly calls?: readonly CallsFile[];
  readonly setAside?: readonly SetAside[];
  readonly gaps?: readonly string[];
  readonly warnings?: readonly string[];
  readonly secretsSeen?: number;
  readonly conflicts?: number;
  /** Version of meshwise that writes. */
  readonly writtenBy: string;
}

/** A call in a snapshot; `watch` is the place of its watcher in the header's `watched`. */
export type SnapshotCall = SeenCall & { readonly watch: number };

/** The lines of a snapshot: a header, then one object or call a line. */
export function* snapshotLines(content: SnapshotContent): Generator<string> {
  const { objects, calls = [], entries, asOf, ...header } = content;
  const identity = { apiVersion: 'meshwise.dev/v1alpha1', kind: 'Snapshot', form: SNAPSHOT_FORM };
  const callCount = calls.reduce((sum, { rows }) => sum + rows.length, 0);
  const counts = { objectCount: objects.length, callCount };
  const watched = calls.map(({ rows: _rows, ...watch }) => watch);
  yield `${JSON.stringify({ ...identity, ...header, ...counts, takenAt: asOf, coverage: entries, watched })}\n`;
  for (const object of objects) yield `${JSON.stringify({ object })}\n`;
  for (const [watch, { rows }] of calls.entries()) {
    for (const row of rows) yield `${JSON.stringify({ call: { watch, ...row } satisfies SnapshotCall })}\n`;
  }
}

/** Writes a snapshot as JSON Lines, compressed where the path ends in `.gz`; whole or, when aborted, not at all. */
export async function writeSnapshot(path: string, content: SnapshotContent, signal?: AbortSignal): Promise<void> {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    const lines = Readable.from(snapshotLines(content));
    const file = createWriteStream(temporary);
    const options = signal === undefined ? {} : { signal };
    await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file, options) : pipeline(lines, file, options));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (signal?.aborted === true) {
      throw new AppError('cancelled while writing the snapshot', { code: 'cancelled', exitStatus: EXIT.cancelled });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      'cannot-write',
      `cannot write ${path}: ${reason}`,
      'give a path in a folder that you may write to',
    );
  }
}
