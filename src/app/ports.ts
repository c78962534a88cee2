import type { CallsFile } from '../domain/calls/call.ts';
import type { WorldReading } from '../domain/world/world-reading.ts';

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
