import { formatRef, type Kind, type ObjectRef } from '../kubernetes/object.ts';

/**
 * What a world rests on, and with it what absence means. `live` and `snapshot`: a kind that was read is complete.
 * `dump`: kinds of which a list exists are complete, the rest unknown. `declared`: plain manifests; what is there is
 * taken as all that will be applied.
 */
export type Basis = 'live' | 'snapshot' | 'dump' | 'declared';

/** `absent`: the cluster does not serve the kind, so there are none. `unread`: nobody looked. */
export type CoverageState = 'read' | 'partial' | 'forbidden' | 'absent' | 'unread';

/** How much of one kind was read. */
export interface CoverageEntry {
  readonly kind: Kind;
  readonly state: CoverageState;
  readonly objects: number;
  /** Why it is not `read`; and, for `partial`, what is missing. */
  readonly reason?: string;
  /** For `partial` by namespace: the namespaces that were read whole. */
  readonly namespaces?: readonly string[];
  /** For `partial` by name: the objects that were asked for one by one, there or not, as `namespace/name`, sorted. */
  readonly names?: readonly string[];
}

/** Whether lists of a kind are whole, per kind; kinds not named fall under the basis. */
export interface Coverage {
  readonly basis: Basis;
  readonly entries: readonly CoverageEntry[];
}

/** What is asked of a coverage: a kind, in one namespace or in all; or one object, by its name. */
export interface Asked {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name?: string;
}

/** Why the world may lack the object although the cluster has it; undefined where its absence is known. */
export function gapOfObject(coverage: Coverage, ref: ObjectRef): string | undefined {
  const entry = coverage.entries.find(({ kind }) => kind === ref.kind);
  return gapIn(entry, coverage.basis, ref);
}

/** Why the world holds no such object, one sentence: it is not there, or it was not read. */
export function whyMissing(coverage: Coverage, ref: ObjectRef): string {
  const gap = gapOfObject(coverage, ref);
  return gap === undefined ? `${formatRef(ref)} is not there` : `${formatRef(ref)} was not read: ${gap}`;
}

/** Why there may be more objects of the kind (in the namespace, if given) than the world holds; undefined if not. */
export function gapIn(entry: CoverageEntry | undefined, basis: Basis, asked: Asked): string | undefined {
  const { kind, namespace, name } = asked;
  if (entry === undefined) return basis === 'declared' ? undefined : `${kind} objects were not read`;
  const why = entry.reason === undefined ? '' : `: ${entry.reason}`;
  switch (entry.state) {
    case 'read':
    case 'absent':
      return undefined;
    case 'partial':
      if (namespace !== undefined && entry.namespaces?.includes(namespace) === true) return undefined;
      if (name !== undefined && entry.names?.includes(`${namespace ?? ''}/${name}`) === true) return undefined;
      return `${kind} objects were read only in part${why}`;
    case 'forbidden':
      return `${kind} objects may not be read${why}`;
    case 'unread':
      return `${kind} objects were not read${why}`;
  }
}
