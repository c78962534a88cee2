import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { checkedHeaders, checkedValue } from './checked-headers.ts';
import { clientTls } from './client-tls.ts';
import type { Route } from './exchange.ts';
import { wrongOption } from './prometheus-errors.ts';
import { basicCredentials, decoded } from './tunnel.ts';

/** How to reach a Prometheus, or whatever serves its query API. */
export interface PrometheusAccess {
  /** `http` or `https`, with the path before `/api/v1`; a user and password in it are used and never shown. */
  readonly url: string;
  readonly bearerToken?: string | undefined;
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  /** Sent with every request, as `X-Scope-OrgID` of a store for several tenants. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** PEM files: the CA, and the client's certificate with its key. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Takes any certificate, and sends credentials without TLS. */
  readonly insecure?: boolean | undefined;
  /** The HTTP proxy that the environment names for the URL. */
  readonly proxyUrl?: string | undefined;
  /** For each request; 0 sets no limit. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** A server with what every request to it carries. */
export interface PrometheusServer {
  /** Ends without a slash; without credentials. */
  readonly base: URL;
  /** Host and port, fit for messages. */
  readonly host: string;
  readonly route: Route;
  /** Texts that no message may hold. */
  readonly secrets: readonly string[];
  close(): void;
}

const MOST_SOCKETS = 4;

/** Checks the options and reads the files they name; sends nothing. */
export function prometheusServer(access: PrometheusAccess): PrometheusServer {
  const url = parseUrl(access.url);
  const authorization = authorizationOf(access, url);
  const base = new URL(url.origin);
  base.pathname = url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
  const headers = {
    ...checkedHeaders(access.headers ?? {}),
    ...(authorization === undefined ? {} : { authorization }),
  };
  refusePlain(base, access, Object.keys(headers).length > 0);
  const tls = clientTls(access);
  const agent =
    base.protocol === 'https:'
      ? new HttpsAgent({ keepAlive: true, maxSockets: MOST_SOCKETS, ...tls })
      : new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  const proxy = access.proxyUrl === undefined ? undefined : parseProxy(access.proxyUrl);
  return {
    base,
    host: base.host,
    secrets: secretsOf(access, url, authorization),
    route: {
      agent,
      tls,
      headers,
      timeoutSeconds: access.timeoutSeconds,
      signal: access.signal ?? new AbortController().signal,
      ...(proxy === undefined ? {} : { proxy }),
    },
    close: () => {
      agent.destroy();
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrongOption('--prometheus: not an http:// or https:// URL', 'Give it as https://HOST[:PORT][/PATH].');
  }
  return url;
}

function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw wrongOption('HTTPS_PROXY names a proxy that does not speak HTTP', 'Take this host out of it with NO_PROXY.');
  }
  return url;
}

function authorizationOf({ bearerToken, basic }: PrometheusAccess, url: URL): string | undefined {
  const token = bearerToken?.trim();
  const inUrl = url.username === '' ? undefined : { user: decoded(url.username), password: decoded(url.password) };
  if (token !== undefined && token !== '' && basic !== undefined) {
    throw wrongOption('both a token and a user are given for Prometheus', 'Give one of them.');
  }
  if (token !== undefined && token !== '') return checkedValue('Authorization', `Bearer ${token}`);
  const pair = basic ?? inUrl;
  return pair === undefined ? undefined : basicCredentials(pair.user, pair.password);
}

function refusePlain(base: URL, { insecure }: PrometheusAccess, hasSecrets: boolean): void {
  const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(base.hostname);
  if (base.protocol === 'https:' || isHere || !hasSecrets || insecure === true) return;
  throw wrongOption(
    `${base.host}: credentials are not sent without TLS`,
    'Use an https:// URL, `kubectl port-forward`, or --prometheus-insecure.',
  );
}

function secretsOf(access: PrometheusAccess, url: URL, authorization: string | undefined): readonly string[] {
  const { bearerToken, basic, headers } = access;
  return [
    bearerToken?.trim(),
    basic?.password,
    url.password,
    decoded(url.password),
    authorization?.replace(/^\w+ /, ''),
    ...Object.values(headers ?? {}),
  ].filter((secret): secret is string => secret !== undefined && secret.length >= 4);
}
