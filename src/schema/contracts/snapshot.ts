import { z } from 'zod';
import type { CallsFile, SeenCall } from '../../domain/calls/call.ts';
import type { CoverageEntry, Basis } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';
import type { CONTRACT_VERSION, SetAside } from '../../domain/world/result-head.ts';
import { factOf } from '../parts/fact.ts';
import { basis, coverage, setAside } from '../parts/head.ts';
import { kubeObject } from '../parts/steps.ts';
import { apiVersion, count, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';
import { seenCall, watchWindow } from './calls-file.ts';

/** The first line of a snapshot. */
export interface SnapshotHeader {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: 'Snapshot';
  readonly form: number;
  readonly basis: Basis;
  readonly cluster: string;
  readonly takenAt: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly writtenBy: string;
  readonly coverage: readonly CoverageEntry[];
  readonly objectCount: number;
  readonly callCount: number;
  readonly watched?: readonly Omit<CallsFile, 'rows'>[];
  readonly setAside?: readonly SetAside[];
  readonly gaps?: readonly string[];
  readonly warnings?: readonly string[];
  readonly secretsSeen?: number;
  readonly conflicts?: number;
}

const watcher = describing<Omit<CallsFile, 'rows'>>()(
  z
    .object({
      source: z.string(),
      window: z.exactOptional(watchWindow),
      seesUnmeshed: z.boolean().describe('whether the watcher also sees callers outside a mesh'),
      gaps: z.exactOptional(z.array(z.string()).describe('what the watcher could not see')),
    })
    .meta({ id: 'SnapshotWatcher', description: 'Who saw calls, and when.' }),
);

const call = describing<SeenCall & { readonly watch: number }>()(
  seenCall.extend({
    watch: count.describe("place of the call's watcher in the list of the first line, from 0"),
  }),
);

const header = describing<SnapshotHeader>()(
  z
    .object({
      apiVersion,
      kind: z.literal('Snapshot'),
      form: count.describe('version of the form; a reader refuses a newer one'),
      basis,
      cluster: z.string(),
      takenAt: factOf(time),
      kubernetesVersion: factOf(z.string()),
      writtenBy: z.string().describe('version of meshwise that wrote it'),
      coverage,
      objectCount: count,
      callCount: count,
      watched: z.exactOptional(z.array(watcher).describe('who saw the calls that follow the objects')),
      setAside: z.exactOptional(z.array(setAside)),
      gaps: z.exactOptional(z.array(z.string()).describe('what was set aside although objects may be in it')),
      warnings: z.exactOptional(z.array(z.string())),
      secretsSeen: z.exactOptional(count.describe('Secrets that were counted and dropped unread')),
      conflicts: z.exactOptional(count.describe('objects that were found twice with different content')),
    })
    .meta({ id: 'SnapshotHeader', description: 'The first line.' }),
);

const objectLine = z
  .object({ object: kubeObject })
  .meta({ id: 'SnapshotObject', description: 'A line for each object.' });

const callLine = z
  .object({ call })
  .meta({ id: 'SnapshotCall', description: 'A line for each call that was observed.' });

/** One line of a snapshot. */
export const snapshot = z.union([header, objectLine, callLine]);
