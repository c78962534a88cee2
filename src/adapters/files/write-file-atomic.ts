import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { usageError } from '../../lib/errors.ts';
import { inWords } from './system-error.ts';

/** Writes a file whole or not at all: to a neighbour first, then renamed over what was there. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw usageError(
      'cannot-write',
      `cannot write ${path}: ${inWords(error)}`,
      'give a path in a folder that you may write to',
    );
  }
}
