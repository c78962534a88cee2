import { readFileSync } from 'node:fs';
import { usageError } from '../../lib/errors.ts';
import { readConfig, type Config } from './read-config.ts';

/** Read where no other file is named and it is there. */
const DEFAULT_FILE = 'meshwise.yaml';

/** What a configuration file holds, and which file it was. */
export interface ReadConfig extends Config {
  readonly file: string;
}

/**
 * The configuration of the named file, or of `meshwise.yaml` in the working directory; undefined where none is named and
 * there is none. A usage error where the file cannot be read or understood.
 */
export function readConfigFile(named?: string): ReadConfig | undefined {
  const file = named ?? DEFAULT_FILE;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (named === undefined && code === 'ENOENT') return undefined;
    const what = code === 'ENOENT' ? 'no such file' : `it cannot be read (${code})`;
    throw usageError('config-not-readable', `${file}: ${what}`, 'check the path given with --config');
  }
  return { file, ...readConfig(file, text.replace(/^\uFEFF/, '')) };
}
