import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for the logs of a test; `end` removes it. */
export function logFiles(): { readonly path: string; readonly write: WriteLog; readonly end: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'meshwise-flows-'));
  return {
    path,
    write(name, lines) {
      const file = join(path, name);
      writeFileSync(file, typeof lines === 'string' || lines instanceof Uint8Array ? lines : toText(lines));
      return file;
    },
    end: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

type WriteLog = (name: string, lines: string | Uint8Array | readonly unknown[]) => string;

/** One line each: text as it is, and all else as JSON. */
export function toText(lines: readonly unknown[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}
