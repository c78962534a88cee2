import { existsSync, readFileSync } from 'node:fs';
import type { PrometheusAccess } from './adapters/prometheus/prometheus-route.ts';
import type { CallsSource } from './app/ports.ts';
import type { CallsFile } from './domain/calls/call.ts';
import type { EvidenceFlags } from './evidence-flags.ts';
import { usageError } from './lib/errors.ts';
import { parseDuration } from './lib/duration.ts';
import type { Surroundings } from './wiring-surroundings.ts';
import { renamed } from './wiring-renamed.ts';

/** The watchers that the flags name, in the order of the help; the demo brings calls of its own. */
export function evidenceSource(flags: EvidenceFlags, surroundings: Surroundings, templates: string): CallsSource {
  return {
    read: async () => [
      ...(await readCallsFiles(flags, templates)),
      ...(await readMetrics(flags, surroundings)),
      ...(await readFlows(flags, surroundings)),
    ],
  };
}

async function readCallsFiles(flags: EvidenceFlags, templates: string): Promise<readonly CallsFile[]> {
  const { readCalls } = await import('./adapters/files/read-calls.ts');
  const given = (flags.calls ?? []).map((file) => readCalls(file));
  if (!flags.demo) return given;
  return [renamed(readCalls(`${templates}demo/calls.csv`), templates, ''), ...given];
}

async function readFlows(flags: EvidenceFlags, { progress }: Surroundings): Promise<readonly CallsFile[]> {
  const { flows = [], 'access-logs': logs = [], edges = [] } = flags;
  if (flows.length + logs.length + edges.length === 0) return [];
  const [{ readHubbleFlows }, { readAccessLogs }, { readEdges }] = await Promise.all([
    import('./adapters/flows/hubble.ts'),
    import('./adapters/flows/access-logs.ts'),
    import('./adapters/flows/edges.ts'),
  ]);
  const read: CallsFile[] = [];
  for (const path of flows) read.push(await readHubbleFlows(path, progress));
  for (const path of logs) read.push(await readAccessLogs(path, progress));
  for (const path of edges) read.push(await readEdges(path, progress));
  return read;
}

async function readMetrics(flags: EvidenceFlags, surroundings: Surroundings): Promise<readonly CallsFile[]> {
  const { prometheus = [] } = flags;
  const windowSeconds = parseDuration(flags.window);
  if (windowSeconds === undefined) {
    throw usageError('bad-window', `--window ${flags.window} is no length of time`, 'write it as 7d, 36h or 90m');
  }
  if (prometheus.length === 0) return [];
  const { proxyFor } = await import('./adapters/kube/proxy-environment.ts');
  const { readPrometheus } = await import('./adapters/prometheus/read-prometheus.ts');
  const { readPrometheusFile } = await import('./adapters/prometheus/saved-answers.ts');
  const read: CallsFile[] = [];
  for (const place of prometheus) {
    if (!/^https?:\/\//i.test(place)) {
      refuseMistypedUrl(place);
      read.push(...readPrometheusFile(place));
      continue;
    }
    const proxyUrl = URL.canParse(place) ? proxyFor(new URL(place), process.env) : undefined;
    const options = { ...access(flags), url: place, windowSeconds, proxyUrl, signal: surroundings.signal() };
    try {
      read.push(...(await readPrometheus(options, surroundings.progress)));
    } finally {
      surroundings.release();
    }
  }
  return read;
}

/** A mistyped URL may hold a password, so it is neither looked for as a file nor shown. */
function refuseMistypedUrl(place: string): void {
  const looksLikeUrl = place.includes('://') || place.includes('@') || /^[\w.-]+:\d+(\/|$)/.test(place);
  if (!looksLikeUrl || (!place.includes('://') && existsSync(place))) return;
  throw usageError(
    'prometheus-option',
    '--prometheus: not an http:// or https:// URL, and no file',
    'Give it as https://HOST[:PORT][/PATH], or as a file with saved answers.',
  );
}

/** What the flags say of every Prometheus alike. */
type Access = Omit<PrometheusAccess, 'url' | 'proxyUrl' | 'signal'> & { readonly match?: string; readonly at?: string };

/** How to be let in; secrets come from files and the environment, where a list of processes does not show them. */
export function access(flags: EvidenceFlags): Access {
  const { MESHWISE_PROMETHEUS_TOKEN: token, MESHWISE_PROMETHEUS_PASSWORD: password } = process.env;
  const { MESHWISE_PROMETHEUS_HEADERS: more = '' } = process.env;
  const { 'prometheus-token-file': tokenFile, 'prometheus-user': user, 'prometheus-ca': caFile } = flags;
  const { 'prometheus-cert': certFile, 'prometheus-key': keyFile, 'prometheus-match': match, at } = flags;
  const bearerToken = tokenFile === undefined ? token : secretIn(tokenFile);
  const headers = [...more.split('\n').filter((line) => line.trim() !== ''), ...(flags['prometheus-header'] ?? [])];
  return {
    headers: Object.fromEntries(headers.map(headerOf)),
    timeoutSeconds: flags['request-timeout'],
    insecure: flags['prometheus-insecure'] === true,
    ...(bearerToken === undefined || bearerToken === '' ? {} : { bearerToken }),
    ...(user === undefined ? {} : { basic: { user, password: passwordOf(user, password) } }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(match === undefined ? {} : { match }),
    ...(at === undefined ? {} : { at }),
  };
}

/** A token that was not mounted must not turn into a question without credentials. */
function secretIn(file: string): string {
  const token = textOf(file).trim();
  if (token !== '') return token;
  throw usageError('token-empty', 'the file of --prometheus-token-file is empty', 'write the token into it');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw usageError(
      'token-not-readable',
      'the file of --prometheus-token-file cannot be read',
      'give the path of a file',
    );
  }
}

function passwordOf(user: string, password: string | undefined): string {
  if (user.trim() === '') throw usageError('prometheus-option', '--prometheus-user is empty', 'name the user');
  if (password !== undefined && password !== '') return password;
  throw usageError(
    'password-missing',
    '--prometheus-user is given, and MESHWISE_PROMETHEUS_PASSWORD is not set',
    'put the password into MESHWISE_PROMETHEUS_PASSWORD',
  );
}

/** Never shows the header: it may be a secret. */
function headerOf(line: string): [string, string] {
  const [, name, value] = /^\s*([!#$%&'*+.^_`|~\dA-Za-z-]+)\s*:\s*([^\r\n]*?)\s*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError('bad-header', 'a header for Prometheus is not "NAME: VALUE"', 'write it as "X-Scope-OrgID: shop"');
  }
  return [name, value];
}
