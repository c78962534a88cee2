import type { Basis, CoverageEntry } from './coverage.ts';

/** The version of all contracts. */
export const CONTRACT_VERSION = 'meshwise.dev/v1alpha1';

/** A file, or one document of it, that is not part of the world, and why. */
export interface SetAside {
  readonly file: string;
  readonly line?: number;
  readonly code: string;
  readonly reason: string;
}

/** The head of every result: what the world rests on, and what it lacks. */
export interface ResultHead {
  readonly apiVersion: typeof CONTRACT_VERSION;
  readonly kind: string;
  readonly basis: Basis;
  /** When the world was read, RFC 3339; absent where nothing says. */
  readonly taken?: string;
  readonly coverage: readonly CoverageEntry[];
  /** What the reader found odd; and what was not read although objects may be in it. */
  readonly warnings: readonly string[];
  readonly setAside: readonly SetAside[];
}

/** One line that says what an answer rests on, as the first line of every rendering. */
export function basisLine(head: Pick<ResultHead, 'basis' | 'taken'>, cluster: string): string {
  const when = head.taken === undefined ? '' : `, taken ${head.taken}`;
  return `${cluster}: ${WORDS[head.basis]}${when}`;
}

const WORDS: Readonly<Record<Basis, string>> = {
  live: 'a live cluster',
  snapshot: 'a snapshot of a cluster',
  dump: 'a dump of a cluster; kinds without a list are unknown',
  declared: 'manifests; what they hold is taken as all there will be, and pods are stood in for by their templates',
};
