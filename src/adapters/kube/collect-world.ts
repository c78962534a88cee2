import { admit } from '../../domain/world/admit.ts';
import { podFolder, type PodFolder } from '../../domain/world/fold-pods.ts';
import { KIND } from '../../domain/kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../../domain/kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { readCluster, type ClusterReading, type ReadClusterOptions } from './read-cluster.ts';

/** How text inside objects is decoded; given by whoever wires the reader. */
type ParseText = Parameters<typeof admit>[2];

export type CollectOptions = Omit<ReadClusterOptions, 'onPage' | 'onRestart' | 'kinds'>;

/** The whole of a cluster as objects, with how far the reading got. */
export interface CollectedWorld extends ClusterReading {
  readonly objects: readonly KubeObject[];
}

/** What is asked of a cluster: every kind that a rule names. Never Secrets. */
export const WANTED_KINDS: readonly Kind[] = Object.values(KIND);

/** Reads a cluster page by page, keeping of each page only what rules read, and of pods only their classes. */
export async function collectWorld(options: CollectOptions, parse: ParseText): Promise<CollectedWorld> {
  const objects = new Map<Kind, KubeObject[]>();
  const warnings: string[] = [];
  let pods: PodFolder = podFolder();
  const add = (kind: Kind, raw: JsonObject): void => {
    const admitted = admit(raw, { from: 'read' }, parse);
    if ('setAside' in admitted) warnings.push(`${kind}: ${admitted.setAside}`);
    if (!('object' in admitted)) return;
    warnings.push(...admitted.warnings);
    if (kind === KIND.pod) pods.add(admitted.object);
    else {
      const kept = objects.get(kind);
      if (kept === undefined) objects.set(kind, [admitted.object]);
      else kept.push(admitted.object);
    }
  };
  const reading = await readCluster({
    ...options,
    kinds: WANTED_KINDS,
    onPage: (kind, page) => {
      for (const raw of page) add(kind, raw);
    },
    onRestart: (kind) => {
      if (kind === KIND.pod) pods = podFolder();
      objects.delete(kind);
    },
  });
  return {
    ...reading,
    objects: [...[...objects.values()].flat(), ...pods.folded()],
    warnings: [...reading.warnings, ...warnings],
  };
}
