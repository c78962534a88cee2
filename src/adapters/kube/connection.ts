import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { unreachableError, usageError, type AppError } from '../../lib/errors.ts';
import { asText, at } from '../../lib/json.ts';
import { cancelledError } from './api-errors.ts';
import { asHeaders } from './http-get.ts';
import { loadKubeconfig, type KubeconfigOptions } from './kubeconfig.ts';
import { proxyFor } from './proxy-environment.ts';

export interface ConnectionOptions extends KubeconfigOptions {
  /** User and groups to impersonate, as kubectl's `--as` and `--as-group`. */
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** One API server with credentials for it. */
export interface Connection {
  /** With the path prefix that some providers put before `/api`. */
  readonly baseUrl: URL;
  /** Scheme, host and port, fit for messages. */
  readonly server: string;
  readonly cluster: string;
  readonly context: string;
  /** What every request carries; `generation` counts how often credentials were obtained. */
  credentials(): Credentials;
  /** Obtains credentials anew, unless that was done since `generation`. */
  refresh(generation: number): Promise<void>;
  close(): void;
}

export interface Credentials {
  readonly options: RequestOptions;
  readonly generation: number;
}

/** Reads the kubeconfig, obtains credentials (an exec plugin may run) and gives the connection; sends nothing yet. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const config = await loadKubeconfig(options);
  const cluster = config.getCurrentCluster();
  const baseUrl = parseServer(cluster?.server ?? '');
  const agent = keepAliveAgent(baseUrl);
  let current: Credentials = { options: await obtainCredentials(config, agent, options), generation: 0 };
  let pending: Promise<void> | undefined;

  async function obtainAgain(): Promise<void> {
    const renewed = await obtainCredentials(await loadKubeconfig(options), agent, options);
    current = { options: renewed, generation: current.generation + 1 };
    pending = undefined;
  }

  return {
    baseUrl,
    server: baseUrl.origin,
    cluster: cluster?.name ?? '',
    context: config.getCurrentContext(),
    credentials: () => current,
    refresh: async (generation) => {
      if (generation === current.generation) await (pending ??= obtainAgain());
    },
    close: () => {
      agent.destroy();
    },
  };
}

function parseServer(server: string): URL {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw usageError(
      'invalid-server',
      'the kubeconfig names no valid server for this context',
      'Set `server` of its cluster to an https:// URL.',
    );
  }
  return new URL(server);
}

async function obtainCredentials(
  config: KubeConfig,
  agent: HttpAgent,
  options: ConnectionOptions,
): Promise<RequestOptions> {
  const baseUrl = parseServer(config.getCurrentCluster()?.server ?? '');
  const isProxied = useProxy(config, proxyFor(baseUrl, options.environment));
  if (baseUrl.protocol === 'http:' && config.getCurrentCluster()?.skipTLSVerify !== true) {
    throw usageError(
      'plain-http-refused',
      `${baseUrl.origin}: credentials are not sent without TLS`,
      'Use an https:// server, or set insecure-skip-tls-verify for a server on this machine.',
    );
  }
  const request: RequestOptions = {};
  await Promise.race([applyCredentials(config, request), rejectWhenAborted(options.signal)]);
  if (!isProxied) request.agent = agent;
  return { ...request, headers: { ...asHeaders(request.headers), ...impersonation(options) } };
}

/** Sets the proxy of the environment, unless the kubeconfig has its own; whether there is one now. */
function useProxy(config: KubeConfig, proxyUrl: string | undefined): boolean {
  const current = config.getCurrentCluster();
  if (current?.proxyUrl !== undefined || proxyUrl === undefined) return current?.proxyUrl !== undefined;
  config.clusters = config.clusters.map((cluster) =>
    cluster.name === current?.name ? { ...cluster, proxyUrl } : cluster,
  );
  return true;
}

async function applyCredentials(config: KubeConfig, request: RequestOptions): Promise<void> {
  try {
    await config.applyToHTTPSOptions(request);
  } catch (error) {
    throw credentialFailure(config, error);
  }
}

/** What the plugin printed stays out of the message: it may hold a token. */
function credentialFailure(config: KubeConfig, error: unknown): AppError {
  const command = asText(at(config.getCurrentUser(), 'exec', 'command'));
  const isMissing = at(error, 'code') === 'ENOENT';
  const context = JSON.stringify(config.getCurrentContext());
  if (command === undefined) {
    const message = `the credentials of context ${context} could not be read`;
    return unreachableError('no-credentials', message, ['Check the certificate, key and token files its user names.']);
  }
  const message = `context ${context}: the credential plugin ${JSON.stringify(command)} ${isMissing ? 'is not installed' : 'failed'}`;
  const hint = isMissing
    ? `Install ${command} or put it on the PATH.`
    : 'Log in again, then try `kubectl get namespaces`.';
  return unreachableError('credential-plugin-failed', message, [hint]);
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => {
      reject(cancelledError());
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

function keepAliveAgent(baseUrl: URL): HttpAgent {
  return baseUrl.protocol === 'http:' ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
}

function impersonation({ as, asGroups = [] }: ConnectionOptions): OutgoingHttpHeaders {
  return {
    ...(as === undefined ? {} : { 'Impersonate-User': as }),
    ...(asGroups.length === 0 ? {} : { 'Impersonate-Group': [...asGroups] }),
  };
}
