import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { usageError, type AppError } from '../../lib/errors.ts';
import { asNumber, asText, at } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import type { Environment } from './proxy-environment.ts';

export interface KubeconfigOptions {
  /** Path of a kubeconfig file; else KUBECONFIG, ~/.kube/config or the pod's service account, in this order. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly environment: Environment;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The kubeconfig with its context chosen; context and cluster are sure to exist in it. Files are merged as kubectl
 * does: the first to name something wins, and files that KUBECONFIG lists but that do not exist are passed over.
 */
export async function loadKubeconfig(options: KubeconfigOptions): Promise<KubeConfig> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  const files = kubeconfigFiles(options);
  if (files.length === 0 && isInCluster(options.environment)) {
    config.loadFromCluster();
    chooseContext(config, options.context, 'the service account of this pod');
    return config;
  }
  if (files.length === 0) throw noKubeconfig();
  for (const file of files) mergeInto(config, loadFile(new client.KubeConfig(), file));
  chooseContext(config, options.context, files.join(delimiter));
  return config;
}

function kubeconfigFiles({ kubeconfig, environment }: KubeconfigOptions): readonly string[] {
  if (kubeconfig !== undefined) {
    if (existsSync(kubeconfig)) return [kubeconfig];
    throw usageError(
      'kubeconfig-not-found',
      `${kubeconfig}: no such kubeconfig`,
      'Check the path given to --kubeconfig.',
    );
  }
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length === 0) return [join(environment['HOME'] ?? homedir(), '.kube', 'config')].filter(existsSync);
  const existing = listed.filter(existsSync);
  if (existing.length > 0) return existing;
  throw usageError(
    'kubeconfig-not-found',
    `${listed.join(delimiter)}: no such kubeconfig`,
    'Check the KUBECONFIG variable.',
  );
}

function isInCluster(environment: Environment): boolean {
  return environment['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(SERVICE_ACCOUNT_TOKEN);
}

function loadFile(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(file);
    return config;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The parser's own message is left out, because it quotes lines of the file and with them tokens. */
function unreadable(file: string, error: unknown): AppError {
  if (at(error, 'code') === 'EACCES') {
    return usageError(
      'kubeconfig-unreadable',
      `${file}: no permission to read this kubeconfig`,
      'Check its owner and mode.',
    );
  }
  const line = asNumber(at(error, 'mark', 'line'));
  const where = line === undefined ? file : `${file}:${String(line + 1)}`;
  return usageError(
    'kubeconfig-unreadable',
    `${where}: not a valid kubeconfig`,
    'Try `kubectl config view` with this file.',
  );
}

function mergeInto(config: KubeConfig, other: KubeConfig): void {
  const missingFrom = <T extends { readonly name: string }>(
    mine: readonly T[] | undefined,
    theirs: readonly T[],
  ): T[] => [...(mine ?? []), ...theirs.filter((entry) => mine?.every((own) => own.name !== entry.name) ?? true)];
  config.clusters = missingFrom(config.clusters, other.clusters);
  config.users = missingFrom(config.users, other.users);
  config.contexts = missingFrom(config.contexts, other.contexts);
  config.setCurrentContext(currentContextOf(config) ?? other.currentContext);
}

/** The library's type says text, but nothing is set where the file has no `current-context`. */
function currentContextOf(config: KubeConfig): string | undefined {
  return asText(config.getCurrentContext());
}

function chooseContext(config: KubeConfig, wanted: string | undefined, source: string): void {
  const names = sortedUnique(config.contexts.map((context) => context.name));
  const listing = names.length === 0 ? `${source} has no contexts.` : `${source} has: ${names.join(', ')}.`;
  const name = wanted ?? currentContextOf(config) ?? '';
  if (name === '')
    throw usageError('no-context', `${source}: no current context is set`, 'Choose one with --context.', listing);
  const context = config.getContextObject(name);
  if (context === null) {
    throw usageError(
      'unknown-context',
      `${source}: there is no context ${JSON.stringify(name)}`,
      listing,
      'Choose one with --context.',
    );
  }
  if (config.getCluster(context.cluster) === null) {
    throw usageError(
      'unknown-cluster',
      `${source}: context ${JSON.stringify(name)} names cluster ${JSON.stringify(context.cluster)}, which is not there`,
      'Repair the kubeconfig or choose another context with --context.',
    );
  }
  config.setCurrentContext(name);
}

function noKubeconfig(): AppError {
  return usageError(
    'no-kubeconfig',
    'no kubeconfig: neither KUBECONFIG nor ~/.kube/config is there, and this is not a pod',
    'Name one with --kubeconfig, or read files with -f.',
    'To see what meshwise does without a cluster, use --demo.',
  );
}
