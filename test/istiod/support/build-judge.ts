import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from '../../cluster/support/run.ts';

const FOLDER = path.resolve(import.meta.dirname, '..', 'judge');

/** The program that asks istiod's own code, kept outside the repository: built on first use, which takes minutes. */
export async function buildJudge(): Promise<string> {
  const base = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const cache = path.join(base, 'meshwise-test-cluster', `judge-${await stateOfSources()}`);
  mkdirSync(cache, { recursive: true });
  const program = path.join(cache, 'judge');
  if (existsSync(program)) return program;
  process.stderr.write('building the judge from the Go module of Istio; this takes minutes the first time\n');
  const started = Date.now();
  const unfinished = `${program}.${String(process.pid)}`;
  const built = await run('go', ['build', '-p', '2', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, '.'], {
    cwd: FOLDER,
    environment: { CGO_ENABLED: '0', GOWORK: 'off' },
  });
  if (built.status !== 0) throw new Error(`the judge could not be built:\n${built.stderr.slice(-4000)}`);
  renameSync(unfinished, program);
  process.stderr.write(`built the judge in ${String(Math.round((Date.now() - started) / 1000))} s\n`);
  return program;
}

async function stateOfSources(): Promise<string> {
  const hash = createHash('sha256').update((await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'])).stdout);
  for (const file of readdirSync(FOLDER).sort()) hash.update(file).update(readFileSync(path.join(FOLDER, file)));
  return hash.digest('hex').slice(0, 16);
}
