import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = fileURLToPath(new URL('./golden/', import.meta.url));
const run = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const updates = process.env['UPDATE'] === '1';

/** Whole outputs of the built program; `UPDATE=1` writes them anew, and the difference is read before it is kept. */
const OUTPUTS = [
  ['demo/inventory.txt', 'inventory --demo'],
  ['demo/inventory.md', 'inventory --demo -o markdown'],
  ['demo/simulate-strict.txt', `simulate --demo --overlay ${join(here, 'strict-shop-parcel.yaml')}`],
  ['demo/check.txt', 'check --demo'],
  ['demo/check.md', 'check --demo -o markdown'],
  ['demo/assess.txt', 'assess --demo'],
  ['demo/plan.txt', 'plan --demo --target istio-sidecar'],
  ['demo/plan.md', 'plan --demo --target istio-sidecar -o markdown'],
  ['two-services/inventory.json', `inventory -f ${join(here, 'two-services/world.yaml')} -o json`],
] as const;

describe('whole outputs', () => {
  it.each(OUTPUTS)('%s is what "%s" prints', (file, command) => {
    compare(file, outputOf(command.split(' ')));
  });

  it('writes the rollout of two services as it is kept here, byte for byte', () => {
    const root = mkdtempSync(join(tmpdir(), 'meshwise-golden-'));
    const out = join(root, 'rollout');
    const world = join(here, 'two-services/world.yaml');
    outputOf(['plan', '-f', world, '--target', 'istio-sidecar', '--accept-evidence', 'inferred', '--out', out]);
    const kept = join(here, 'two-services/rollout');
    if (updates) rmSync(kept, { recursive: true, force: true });
    for (const file of filesIn(out)) compare(join('two-services/rollout', file), readFileSync(join(out, file), 'utf8'));
    expect(filesIn(kept)).toEqual(filesIn(out));
    rmSync(root, { recursive: true, force: true });
  });
});

function compare(file: string, actual: string): void {
  const place = join(here, file);
  if (updates) {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, actual);
  }
  expect(existsSync(place)).toBe(true);
  expect(actual).toBe(readFileSync(place, 'utf8'));
}

/** What the command prints, with the folder of this checkout taken out of it. */
function outputOf(args: readonly string[]): string {
  const env = { ...process.env, NO_COLOR: '1' };
  const { stdout, status } = spawnSync('node', [run, ...args], { encoding: 'utf8', env, maxBuffer: 2 ** 26 });
  expect([0, 1, 4]).toContain(status);
  return stdout.replaceAll(here, '');
}

/** The files of a written tree, without the record of its hashes. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.meshwise')
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
