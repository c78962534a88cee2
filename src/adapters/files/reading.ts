import type { KubeObject } from '../../domain/kubernetes/object.ts';
import type { Basis, CoverageEntry } from '../../domain/world/coverage.ts';
import type { Fact } from '../../domain/world/fact.ts';

/** Why a file, or one document of it, may not be part of the world. */
export const SET_ASIDE_CODES = [
  'binary',
  'bundle',
  'empty',
  'invalid',
  'kustomization',
  'link',
  'no-kind',
  'not-json',
  'not-kubernetes',
  'not-yaml',
  'patch',
  'template',
  'too-large',
  'unreadable',
] as const;

/** Why a file, or one document of it, is not part of the world. */
export type SetAsideCode = (typeof SET_ASIDE_CODES)[number];

/** One file, or one document of it, that could not be used. */
export interface SetAside {
  readonly file: string;
  readonly line?: number;
  readonly code: SetAsideCode;
  readonly reason: string;
}

/** What the given paths hold, in path order. */
export interface Reading {
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
  /** The calls of a snapshot, as they were written. */
  readonly calls?: readonly unknown[];
  readonly secretsSeen: number;
  /** Objects that were found twice with different content. */
  readonly conflicts: number;
  /** Files that were opened. */
  readonly files: number;
}

const MAY_HOLD_OBJECTS: ReadonlySet<SetAsideCode> = new Set<SetAsideCode>([
  'invalid',
  'kustomization',
  'link',
  'no-kind',
  'not-json',
  'not-yaml',
  'patch',
  'template',
  'too-large',
  'unreadable',
]);

/** Whether objects of the world may be in what was set aside. */
export function mayHoldObjects(entry: SetAside): boolean {
  return MAY_HOLD_OBJECTS.has(entry.code);
}

/** `file:line: reason`. */
export function formatSetAside({ file, line, reason }: SetAside): string {
  return `${file}${line === undefined ? '' : `:${String(line)}`}: ${reason}`;
}
