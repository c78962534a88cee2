import type { CallsFile } from '../domain/calls/call.ts';
import type { WorldReading } from '../domain/world/world-reading.ts';

/** What a source gives, with the calls that came with it. */
export interface ReadWorld extends WorldReading {
  readonly calls?: readonly CallsFile[];
}

/** Where a world comes from: a cluster, files, a snapshot. */
export interface WorldSource {
  read(): Promise<ReadWorld>;
}

/** Where observed calls come from. */
export interface CallsSource {
  read(): readonly CallsFile[] | Promise<readonly CallsFile[]>;
}

/** Writes a snapshot of what was read, calls included. */
export interface SnapshotSink {
  write(reading: ReadWorld): Promise<void>;
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
