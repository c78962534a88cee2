import { z } from 'zod';
import type { CoverageEntry, Basis } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';
import type { CONTRACT_VERSION, SetAside } from '../../domain/world/result-head.ts';
import { factOf } from '../parts/fact.ts';
import { basis, coverage, setAside } from '../parts/head.ts';
import { kubeObject } from '../parts/steps.ts';
import { apiVersion, count, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

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
  readonly setAside?: readonly SetAside[];
  readonly gaps?: readonly string[];
  readonly warnings?: readonly string[];
  readonly secretsSeen?: number;
  readonly conflicts?: number;
}

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
  .object({ call: z.unknown() })
  .meta({ id: 'SnapshotCall', description: 'A line for each call that came with the objects.' });

/** One line of a snapshot. */
export const snapshot = z.union([header, objectLine, callLine]);
