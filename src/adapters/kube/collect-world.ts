import { admit } from '../../domain/world/admit.ts';
import { ASKED_KINDS } from '../../domain/world/asked-kinds.ts';
import { listedPods } from '../../domain/world/listed-pods.ts';
import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../../domain/kubernetes/object.ts';
import type { CoverageEntry } from '../../domain/world/coverage.ts';
import type { JsonObject } from '../../lib/json.ts';
import { readCluster, type ClusterReading, type ReadClusterOptions } from './read-cluster.ts';

/** How text inside objects is decoded; given by whoever wires the reader. */
type ParseText = Parameters<typeof admit>[2];

export type CollectOptions = Omit<ReadClusterOptions, 'onPage' | 'onRestart' | 'kinds'>;

/** The whole of a cluster as objects, with how far the reading got. */
export interface CollectedWorld extends ClusterReading {
  readonly objects: readonly KubeObject[];
}

/** Reads a cluster page by page, keeping of each page only what rules read, and of pods only their classes. */
export async function collectWorld(options: CollectOptions, parse: ParseText): Promise<CollectedWorld> {
  const objects = new Map<Kind, KubeObject[]>();
  const warnings: string[] = [];
  const setAside = new Map<Kind, string>();
  let pods = listedPods();
  const admitted = (kind: Kind, raw: JsonObject): KubeObject | undefined => {
    const result = admit(raw, { from: 'read' }, parse);
    if ('setAside' in result) {
      warnings.push(`${kind}: ${result.setAside}`);
      setAside.set(kind, result.setAside);
    }
    if (!('object' in result)) return undefined;
    warnings.push(...result.warnings);
    return result.object;
  };
  const add = (kind: Kind, raw: JsonObject): void => {
    if (kind === KIND.pod) {
      pods.add(raw, (pod) => admitted(kind, pod));
      return;
    }
    const object = admitted(kind, raw);
    if (object === undefined) return;
    const kept = objects.get(kind);
    if (kept === undefined) objects.set(kind, [object]);
    else kept.push(object);
  };
  const reading = await readCluster({
    ...options,
    kinds: ASKED_KINDS,
    onPage: (kind, page) => {
      for (const raw of page) add(kind, raw);
    },
    onRestart: (kind) => {
      if (kind === KIND.pod) pods = listedPods();
      objects.delete(kind);
      setAside.delete(kind);
    },
  });
  return {
    ...reading,
    coverage: reading.coverage.map((entry) => withoutAside(entry, setAside.get(entry.kind))),
    objects: [...[...objects.values()].flat(), ...pods.folded()],
    warnings: [...reading.warnings, ...warnings],
  };
}

/** A kind of which an object came that could not be used was not read whole. */
function withoutAside(entry: CoverageEntry, reason: string | undefined): CoverageEntry {
  if (reason === undefined) return entry;
  const { namespaces: _namespaces, ...rest } = entry;
  const why = [entry.reason, `an object could not be used: ${reason}`].filter((each) => each !== undefined);
  return { ...rest, state: 'partial', reason: why.join('; ') };
}
