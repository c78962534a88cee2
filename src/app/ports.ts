import type { CallsFile } from '../domain/calls/call.ts';
import type { KubeObject } from '../domain/kubernetes/object.ts';
import type { Basis, CoverageEntry } from '../domain/world/coverage.ts';
import type { Fact } from '../domain/world/fact.ts';
import type { SetAside } from '../domain/world/result-head.ts';

/** What a source of objects gives: the objects, and how far they can be trusted to be all. */
export interface WorldReading {
  readonly objects: readonly KubeObject[];
  readonly basis: Basis;
  readonly coverage: readonly CoverageEntry[];
  readonly setAside: readonly SetAside[];
  /** What was set aside although objects of the world may be in it, one line each. */
  readonly gaps: readonly string[];
  readonly warnings: readonly string[];
  readonly asOf: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly cluster: string;
  /** Calls that came with the objects, as a snapshot keeps them. */
  readonly calls?: readonly unknown[];
}

/** Where a world comes from: a cluster, files, a snapshot. */
export interface WorldSource {
  read(): Promise<WorldReading>;
}

/** Where observed calls come from. */
export interface CallsSource {
  read(): readonly CallsFile[];
}

/** Writes a snapshot of what was read. */
export interface SnapshotSink {
  write(reading: WorldReading): Promise<void>;
}

/** Everything that opening a world needs, chosen by the command line. */
export interface Sources {
  readonly world: WorldSource;
  /** Laid over the world in order, as `kubectl apply` would. */
  readonly overlays: readonly WorldSource[];
  readonly calls: CallsSource;
  /** The time to judge ages by, if the user gave one. */
  readonly at: string | undefined;
  readonly save: SnapshotSink | undefined;
}
