import type { NaivePod } from './naive-pods.ts';
import type { RawCluster } from './raw-cluster.ts';

/** What leaves a client for one pod, when it arrives there. */
export interface Arrival {
  readonly cluster: RawCluster;
  readonly wire: 'plaintext' | 'mtls';
  /** Who calls, whatever the wire; only mutual TLS shows the account. */
  readonly client: Pick<NaivePod, 'namespace' | 'labels' | 'account' | 'proxy'>;
  readonly server: NaivePod;
  /** Container port. */
  readonly port: number;
  readonly speaks: 'http' | 'tcp' | 'server-first';
  /** What the Service says that the port speaks; `auto` where it says nothing. */
  readonly declared: 'http' | 'tcp' | 'auto';
}
