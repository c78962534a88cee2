import type { Workload } from '../../world/workload.ts';
import type { ExceptedPort } from './exception-objects.ts';

/** What the lists of a STRICT stage rest on beside the world. */
export interface ListedServers {
  /** The enrolled workloads of the namespace. */
  readonly servers: readonly Workload[];
  /** Ports for which the plan still has to write an exception. */
  readonly excepted?: readonly ExceptedPort[];
  /** Workloads with a port of which too little is known, formatted. */
  readonly lacking?: ReadonlySet<string>;
}
