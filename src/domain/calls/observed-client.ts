import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { CallRow, CallSource, Outsider } from './call.ts';
import { fromOutsider, fromWorkload } from './found-calls.ts';
import { findNamedWorkload } from './workload-name.ts';

/** The client of a row; where the row's name fits no single workload, the caller is unknown for that reason. */
export interface ObservedClient {
  readonly from: CallSource;
  /** Where the client runs, if it is a workload. */
  readonly namespace?: string;
  readonly reason?: string;
}

const OUTSIDERS: ReadonlyMap<string, Outsider> = new Map([
  ['kubelet', 'kubelet'],
  ['prometheus', 'prometheus'],
  ['apiserver', 'apiserver'],
  ['kube-apiserver', 'apiserver'],
  ['load-balancer', 'load-balancer'],
  ['loadbalancer', 'load-balancer'],
  ['internet', 'internet'],
  ['node', 'node'],
  ['unknown', 'unknown'],
]);

/**
 * Who a row's client is. Names of outsiders (`kubelet`, `kube-apiserver`, `load-balancer`, `internet`, `node`,
 * `unknown`) stand for them unless the row names a namespace or kind in which such a workload runs; `prometheus` is an
 * outsider only where no workload has that name. A client that cannot be told is kept as an unknown caller, because
 * somebody did call.
 */
export function observedClient(world: World, row: CallRow): ObservedClient {
  const namespace = given(row.clientNamespace);
  const kind = given(row.clientKind);
  const outsider = OUTSIDERS.get(row.client.toLowerCase());
  const specific = namespace !== undefined || kind !== undefined || outsider === 'prometheus';
  if (outsider !== undefined && !specific) return { from: fromOutsider(outsider) };
  const found = findNamedWorkload(world, { text: row.client, namespace, kind });
  if (found.workload !== undefined) return { from: fromWorkload(found.workload), namespace: found.workload.namespace };
  if (outsider !== undefined && found.choices.length === 0) return { from: fromOutsider(outsider) };
  return { from: fromOutsider('unknown', nameOf(row)), reason: `client: ${found.reason}` };
}

function nameOf(row: CallRow): string {
  const namespace = given(row.clientNamespace);
  const kind = given(row.clientKind);
  if (namespace === undefined) return kind === undefined ? row.client : `${kind}/${row.client}`;
  return kind === undefined ? `${namespace}/${row.client}` : formatWorkload({ namespace, kind, name: row.client });
}

/** Istio's metrics write `unknown` where they do not know. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === 'unknown' ? undefined : text;
}
