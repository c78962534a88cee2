import { keyOf, refOf } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { unknown } from '../../domain/world/fact.ts';
import { compareText } from '../../lib/order.ts';
import type { Snapshot } from './read-snapshot.ts';
import type { Reading } from './reading.ts';

/**
 * A snapshot alone is the world as it was saved. Beside other files it counts as one dump among them: its objects
 * are laid under theirs, and neither its time nor the completeness of kinds that the files add to holds any more.
 */
export function mergeSnapshots(files: Reading, snapshots: readonly Snapshot[]): Reading {
  const [only, ...others] = snapshots;
  if (only === undefined) return files;
  if (others.length === 0 && files.objects.length === 0) {
    return {
      ...files,
      ...only,
      basis: only.basis === 'live' ? 'snapshot' : only.basis,
      setAside: [...only.setAside, ...files.setAside],
      gaps: [...only.gaps, ...files.gaps],
      warnings: [...only.warnings, ...files.warnings],
    };
  }
  const objects = new Map(
    [...snapshots, files].flatMap((one) => one.objects).map((object) => [keyOf(refOf(object)), object]),
  );
  const several = 'several sources were given; each was read at its own time';
  return {
    ...files,
    objects: [...objects.values()],
    basis: 'dump',
    coverage: mergeCoverage([...snapshots.map(({ coverage }) => coverage), files.coverage]),
    asOf: unknown(several),
    kubernetesVersion: files.kubernetesVersion.known ? files.kubernetesVersion : only.kubernetesVersion,
    calls: snapshots.flatMap(({ calls }) => calls),
    gaps: [...snapshots.flatMap(({ gaps }) => gaps), ...files.gaps],
    warnings: [...snapshots.flatMap(({ warnings }) => warnings), ...files.warnings],
    secretsSeen: snapshots.reduce((sum, { secretsSeen }) => sum + secretsSeen, files.secretsSeen),
  };
}

/** A kind is complete only where every source that names it is; the first reason stands. */
function mergeCoverage(sources: readonly (readonly CoverageEntry[])[]): readonly CoverageEntry[] {
  const merged = new Map<string, CoverageEntry>();
  for (const entry of sources.flat()) {
    const before = merged.get(entry.kind);
    if (before === undefined) merged.set(entry.kind, entry);
    else
      merged.set(entry.kind, {
        ...(before.state === 'read' ? entry : before),
        objects: before.objects + entry.objects,
      });
  }
  return [...merged.values()].sort((left, right) => compareText(left.kind, right.kind));
}
