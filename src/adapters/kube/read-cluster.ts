import type { CoverageEntry } from '../../domain/world/coverage.ts';
import { known, unknown, type Fact } from '../../domain/world/fact.ts';
import { asText } from '../../lib/json.ts';
import { compareText } from '../../lib/order.ts';
import { createApiClient, type Answer } from './api-client.ts';
import { cancelledError, notAnApiServer } from './api-errors.ts';
import { systemClock, type Clock } from './clock.ts';
import { openConnection } from './connection.ts';
import type { Environment } from './proxy-environment.ts';
import { readKinds, type ReadKindsOptions } from './read-kinds.ts';

export interface ReadClusterOptions extends ReadKindsOptions {
  /** Path; else KUBECONFIG, ~/.kube/config or the pod's service account. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  /** For each request; 0 means no limit. */
  readonly requestTimeoutSeconds: number;
  /** Requests a second; 0 means no limit. */
  readonly qps: number;
  readonly signal: AbortSignal;
  readonly environment?: Environment | undefined;
  readonly clock?: Clock | undefined;
}

/** What is known of a cluster once its objects have gone to `onPage`. */
export interface ClusterReading {
  /** One entry for each kind asked for, sorted by kind. */
  readonly coverage: readonly CoverageEntry[];
  readonly kubernetesVersion: Fact<string>;
  /** The API server's time when the reading began, RFC 3339. */
  readonly asOf: Fact<string>;
  /** Names of the cluster and of the context in the kubeconfig. */
  readonly cluster: string;
  readonly context: string;
  readonly warnings: readonly string[];
}

/**
 * Reads the wanted kinds of a live cluster by GET alone: discovery, then lists of 500 objects a page, at most two kinds
 * at a time. What cannot be read becomes a coverage entry; throws an AppError only where nothing can be read.
 */
export async function readCluster(options: ReadClusterOptions): Promise<ClusterReading> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const { clock = systemClock, environment = process.env, requestTimeoutSeconds, qps } = options;
  const connection = await openConnection({ ...options, environment, signal });
  try {
    const client = createApiClient({ connection, requestTimeoutSeconds, qps, signal, clock });
    const version = await client.get('/version');
    refuseOtherServers(version, connection.server);
    const { coverage, warnings } = await readKinds(client, options);
    if (options.signal.aborted) throw cancelledError();
    const { cluster, context } = connection;
    return { coverage, ...versionFacts(version), cluster, context, warnings: [...warnings].sort(compareText) };
  } finally {
    stop.abort();
    connection.close();
  }
}

/** An API server tells its version, or that one may not ask (403) or that the path is hidden (404). */
function refuseOtherServers(version: Answer, server: string): void {
  if (version.result === 'failed') throw notAnApiServer(server, version.reason);
  if (version.result === 'refused' && version.status !== 403 && version.status !== 404) {
    throw notAnApiServer(server, `the server answered ${String(version.status)}`);
  }
}

function versionFacts(version: Answer): Pick<ClusterReading, 'kubernetesVersion' | 'asOf'> {
  if (version.result !== 'object') {
    const reason = 'the version of the API server could not be read';
    return { kubernetesVersion: unknown(reason), asOf: unknown('the time of the API server could not be read') };
  }
  const gitVersion = asText(version.body['gitVersion']);
  const milliseconds = Date.parse(version.date ?? '');
  return {
    kubernetesVersion: gitVersion === undefined ? unknown('the API server names no version') : known(gitVersion),
    asOf: Number.isNaN(milliseconds)
      ? unknown('the API server gave no date')
      : known(new Date(milliseconds).toISOString().replace('.000Z', 'Z')),
  };
}
