import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from './run.ts';

const HERE = path.resolve(import.meta.dirname, '..');

/** Folders of the Go modules that are built, beside this one. */
export type GoModule = 'server' | 'istioctl';

/** Where a Go module of ours lies. */
export function moduleFolder(module: GoModule): string {
  return path.join(HERE, module);
}

/** Why the programs cannot be built here; undefined where they can. */
export async function whyNoGo(): Promise<string | undefined> {
  const { status } = await run('go', ['version']);
  return status === 0 ? undefined : 'Go is not installed: install Go 1.26 or newer (https://go.dev/dl/)';
}

/** What is left after a build, kept outside the repository: one folder per state of the sources and version of Go. */
export async function cacheFolder(module: GoModule): Promise<string> {
  const folder = moduleFolder(module);
  const hash = createHash('sha256').update((await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'])).stdout);
  for (const file of readdirSync(folder).sort()) {
    if (/\.go$|^go\.(mod|sum)$/.test(file)) hash.update(file).update(readFileSync(path.join(folder, file)));
  }
  const base = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const cache = path.join(base, 'meshwise-test-cluster', `${module}-${hash.digest('hex').slice(0, 16)}`);
  mkdirSync(cache, { recursive: true });
  return cache;
}

/** The program of etcd, kube-apiserver and kubectl; built on first use, which takes minutes. */
export async function buildServer(): Promise<string> {
  const version = pinned('server', 'k8s.io/kubernetes');
  const at = 'k8s.io/component-base/version';
  const stamps = [`${at}.gitVersion=${version}`, `${at}.gitMajor=1`, `${at}.gitMinor=${version.split('.')[1] ?? ''}`];
  return build('server', '.', stamps);
}

/** istioctl of the pinned version; built on first use, which takes minutes. */
export function buildIstioctl(): Promise<string> {
  return build('istioctl', 'istio.io/istio/istioctl/cmd/istioctl', []);
}

/** The folder that the pinned module was unpacked into. */
export async function moduleSource(name: string): Promise<string> {
  const listed = await run('go', ['mod', 'download', '-json', name], { cwd: moduleFolder('istioctl') });
  if (listed.status !== 0) throw new Error(`${name} could not be downloaded: ${listed.stderr}${listed.stdout}`);
  return (JSON.parse(listed.stdout) as { Dir: string }).Dir;
}

function pinned(module: GoModule, name: string): string {
  const text = readFileSync(path.join(moduleFolder(module), 'go.mod'), 'utf8');
  const version = text
    .split('\n')
    .find((line) => line.startsWith(`\t${name} v`))
    ?.trim()
    .split(' ')[1];
  if (version === undefined) throw new Error(`go.mod of ${module} does not require ${name}`);
  return version;
}

async function build(module: GoModule, target: string, stamps: readonly string[]): Promise<string> {
  const program = path.join(await cacheFolder(module), module);
  if (existsSync(program)) return program;
  const started = Date.now();
  process.stderr.write(`building ${module} from its Go modules; this takes minutes the first time\n`);
  const flags = ['-s', '-w', ...stamps.map((stamp) => `-X ${stamp}`)].join(' ');
  const unfinished = `${program}.${String(process.pid)}`;
  const built = await run('go', ['build', '-p', '2', '-trimpath', '-ldflags', flags, '-o', unfinished, target], {
    cwd: moduleFolder(module),
    environment: { CGO_ENABLED: '0', GOWORK: 'off' },
  });
  if (built.status !== 0) throw new Error(`${module} could not be built:\n${built.stderr.slice(-4000)}`);
  renameSync(unfinished, program);
  process.stderr.write(`built ${module} in ${String(Math.round((Date.now() - started) / 1000))} s\n`);
  return program;
}
