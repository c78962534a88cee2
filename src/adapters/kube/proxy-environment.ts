import { cidrContains, parseCidr, parseIp } from '../../domain/kubernetes/cidr.ts';

/** Environment variables by name, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY or HTTP_PROXY (or their lower-case forms) names for a server, unless NO_PROXY takes the
 * server out or it is this machine; undefined for a direct connection.
 * Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy, which kubectl follows.
 */
export function proxyFor(server: URL, environment: Environment): string | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = firstSet(environment, name, name.toLowerCase());
  if (proxy === undefined || isLoopback(hostOf(server))) return undefined;
  const exceptions = firstSet(environment, 'NO_PROXY', 'no_proxy') ?? '';
  if (exceptions.split(',').some((exception) => covers(exception.trim().toLowerCase(), server))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function firstSet(environment: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
}

function hostOf(server: URL): string {
  return server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isLoopback(host: string): boolean {
  const loopback = parseCidr('127.0.0.0/8');
  return host === 'localhost' || host === '::1' || (loopback !== undefined && cidrContains(loopback, host));
}

function covers(exception: string, server: URL): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  const host = hostOf(server);
  const block = parseCidr(exception);
  if (block !== undefined) return cidrContains(block, host);
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? [];
  if (port !== undefined && port !== portOf(server)) return false;
  if (parseIp(name) !== undefined) return name === host;
  const suffix = name.replace(/^\*/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function portOf(server: URL): string {
  return server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
}
