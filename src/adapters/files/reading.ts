import type { CallsFile } from '../../domain/calls/call.ts';
import type { WorldReading } from '../../domain/world/world-reading.ts';

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
export interface Reading extends WorldReading {
  readonly setAside: readonly SetAside[];
  /** Calls that snapshots among the files hold. */
  readonly calls?: readonly CallsFile[];
  readonly secretsSeen: number;
  /** Objects that were found twice with different content. */
  readonly conflicts: number;
  /** Files that were opened. */
  readonly files: number;
}

const MAY_HOLD_OBJECTS: ReadonlySet<SetAsideCode> = new Set<SetAsideCode>([
  'binary',
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
