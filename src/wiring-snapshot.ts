import type { SetAside as FileSetAside } from './adapters/files/reading.ts';
import type { ReadWorld, SnapshotSink } from './app/ports.ts';
import { foldPods } from './domain/world/fold-pods.ts';
import type { Surroundings } from './wiring-surroundings.ts';

/** Writes snapshots to the path, with pseudonyms for names if asked; Ctrl-C leaves no half of one. */
export function snapshotSink(path: string, hidesNames: boolean, surroundings: Surroundings): SnapshotSink {
  return {
    write: async (reading) => {
      const { writeSnapshot } = await import('./adapters/files/write-snapshot.ts');
      const folded = { ...reading, objects: foldPods(reading.objects) };
      const written = hidesNames ? await hidden(folded) : folded;
      const { basis, coverage, objects, calls, cluster, asOf, kubernetesVersion, setAside, gaps, warnings } = written;
      const content = {
        basis,
        entries: coverage,
        objects,
        ...(calls === undefined ? {} : { calls }),
        cluster,
        asOf,
        kubernetesVersion,
        setAside: setAside as readonly FileSetAside[],
        gaps,
        warnings,
        writtenBy: surroundings.version,
      };
      try {
        await writeSnapshot(path, content, surroundings.signal());
      } finally {
        surroundings.release();
      }
    },
  };
}

async function hidden(reading: ReadWorld): Promise<ReadWorld> {
  const { hideNames } = await import('./domain/world/hide-names/hide-names.ts');
  return hideNames(reading);
}
