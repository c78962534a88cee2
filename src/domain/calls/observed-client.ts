import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { CallSource, Outsider, SeenCall } from './call.ts';
import { fromOutsider, fromWorkload } from './found-calls.ts';
import { accountOf, holdersOf } from './identity-holders.ts';
import { ownerByPodName } from './pod-owner.ts';
import { findNamedWorkload, workloadKind } from './workload-name.ts';

/** The client of a row; where the row fits no workload, the caller is unknown for that reason. */
export interface ObservedClient {
  /** One, or each of those that share the identity which was seen. */
  readonly from: readonly CallSource[];
  /** Where the client runs, if it is a workload. */
  readonly namespace?: string;
  readonly reason?: string;
  /** How the client was told, where that leaves room for doubt. */
  readonly remark?: string;
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

/** Of more holders of one identity none is named: that says little more than "somebody". */
const MOST_HOLDERS = 20;

/**
 * Who a row's client is. Names of outsiders (`kubelet`, `kube-apiserver`, `load-balancer`, `internet`, `node`,
 * `unknown`) stand for them unless the row names a namespace or kind in which such a workload runs; `prometheus` is an
 * outsider only where no workload has that name. Where the name says nobody, the identity that was seen may. A client
 * that cannot be told is kept as an unknown caller, because somebody did call.
 */
export function observedClient(world: World, row: SeenCall): ObservedClient {
  const named = namedClient(world, row);
  const isNamed = named.from.some((from) => from.kind === 'workload' || from.who !== 'unknown');
  return isNamed ? named : (holdingClient(world, row) ?? named);
}

function namedClient(world: World, row: SeenCall): ObservedClient {
  const namespace = given(row.clientNamespace);
  const kind = given(row.clientKind);
  const outsider = OUTSIDERS.get(row.client.toLowerCase());
  const specific = namespace !== undefined || kind !== undefined || outsider === 'prometheus';
  if (outsider !== undefined && !specific) return { from: [fromOutsider(outsider)] };
  const found = findNamedWorkload(world, { text: row.client, namespace, kind });
  if (found.workload !== undefined) {
    return { from: [fromWorkload(found.workload)], namespace: found.workload.namespace };
  }
  if (outsider !== undefined && found.choices.length === 0) return { from: [fromOutsider(outsider)] };
  const owner = mayBePod(kind) && namespace !== undefined ? ownerByPodName(world, namespace, row.client) : undefined;
  if (owner !== undefined && found.choices.length === 0)
    return { from: [fromWorkload(owner)], namespace: owner.namespace, remark: BY_POD };
  return { from: [fromOutsider('unknown', nameOf(row))], reason: `client: ${found.reason}` };
}

const BY_POD = 'the client is told by the name of its pod';

/** Some watchers name pods, and do not always say so. */
function mayBePod(kind: string | undefined): boolean {
  return kind === undefined || workloadKind(kind) === 'Pod';
}

/** Who shares an account cannot be told apart by it, so each of them is taken for the caller. */
function holdingClient(world: World, { clientIdentity }: SeenCall): ObservedClient | undefined {
  const account = clientIdentity === undefined ? undefined : accountOf(clientIdentity);
  if (clientIdentity === undefined || account === undefined) return undefined;
  const holders = holdersOf(account, world);
  const [only, second] = holders;
  if (only === undefined || holders.length > MOST_HOLDERS) {
    const count = only === undefined ? 'no workload' : `${String(holders.length)} workloads`;
    return {
      from: [fromOutsider('unknown', clientIdentity)],
      reason: `client: ${count} of this world may be ${clientIdentity}`,
    };
  }
  const { namespace } = account;
  if (second === undefined) return { from: [fromWorkload(only)], namespace, remark: `shown as ${clientIdentity}` };
  const remark = `shown as ${clientIdentity}, which ${String(holders.length)} workloads share`;
  return { from: holders.map(fromWorkload), namespace, remark };
}

function nameOf(row: SeenCall): string {
  const namespace = given(row.clientNamespace);
  const kind = given(row.clientKind);
  if (namespace === undefined) return kind === undefined ? row.client : `${kind}/${row.client}`;
  return kind === undefined ? `${namespace}/${row.client}` : formatWorkload({ namespace, kind, name: row.client });
}

/** Istio's metrics write `unknown` where they do not know. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === 'unknown' ? undefined : text;
}
