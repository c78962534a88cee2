import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const IMPORT = /(?:from\s+|import\(\s*)'(\.[^']+\.ts)'/g;

/** The modules that a TypeScript file imports by relative path, dynamic imports included and type imports not. */
export function importsOf(file: string): readonly string[] {
  const code = readFileSync(file, 'utf8').replace(/(?:import|export) type [^;]*;/g, '');
  return [...code.matchAll(IMPORT)].map(([, path]) => resolve(dirname(file), path ?? ''));
}

/** The names that a file imports from each module, without types. */
export function namesImported(file: string): ReadonlyMap<string, readonly string[]> {
  const code = readFileSync(file, 'utf8');
  const found = [...code.matchAll(/^import \{([^}]*)\} from '(\.[^']+)';/gm)];
  return new Map(
    found.map(([, names, path]) => [
      resolve(dirname(file), path ?? ''),
      (names ?? '')
        .split(',')
        .map((name) => name.trim().split(' as ')[0] ?? '')
        .filter((name) => name !== '' && !name.startsWith('type ')),
    ]),
  );
}

/** Every file that the given ones lead to, themselves included. */
export function reachableFrom(files: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file) || !existsSync(file)) continue;
    seen.add(file);
    open.push(...importsOf(file));
  }
  return seen;
}

/** The TypeScript files in and below a folder, tests left out. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return path.endsWith('.ts') && !path.endsWith('.test.ts') ? [path] : [];
  });
}
