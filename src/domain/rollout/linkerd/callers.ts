import { compareBy } from '../../../lib/order.ts';
import { mayBeOf } from '../../mesh/claims.ts';
import { identityUnder } from '../../mesh/linkerd/identity.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import { cohortsOf, formatWorkload } from '../../world/workload.ts';
import { findWorkload, workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Planning } from '../planning.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import type { ServerUnit } from './server-units.ts';

/** An account whose pods call. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Who calls the ports of a Server. */
export interface UnitCallers {
  /** By namespace and name. */
  readonly accounts: readonly Account[];
  /** The same as the proxies name them; empty where the trust domain is not known. */
  readonly identities: readonly string[];
  /** Other workloads that hold the same accounts, as sentences. */
  readonly alsoAdmits: readonly string[];
}

/** Derives them from all calls to the unit that pass today, inferred ones included: whoever gets in shows an identity, or is exempt. */
export function callersOf(planning: Planning, facts: LinkerdFacts, unit: ServerUnit): UnitCallers {
  const servers = new Set(unit.workloads.map(formatWorkload));
  const accounts = new Map<string, Account>();
  const clients = new Set<string>();
  for (const call of unit.workloads.flatMap(
    (workload) => planning.index.byWorkload.get(formatWorkload(workload)) ?? [],
  )) {
    if (planning.fates.get(call.id)?.verdict === 'breaks' || call.from.kind !== 'workload') continue;
    const isHere = (planning.index.servers.get(call.id) ?? []).some(
      ({ workload, port }) => servers.has(formatWorkload(workload)) && unit.ports.includes(port),
    );
    const client = isHere ? findWorkload(planning.world, call.from.workload) : undefined;
    if (client === undefined) continue;
    clients.add(formatWorkload(client));
    for (const { pod } of cohortsOf(client)) {
      const name = pod.serviceAccount === '' ? 'default' : pod.serviceAccount;
      accounts.set(`${client.namespace}/${name}`, { namespace: client.namespace, name });
    }
  }
  const sorted = [...accounts.values()].sort(
    compareBy(
      ({ namespace }) => namespace,
      ({ name }) => name,
    ),
  );
  return {
    accounts: sorted,
    identities: sorted.flatMap((account) => identityOf(facts, account)),
    alsoAdmits: alsoAdmits(planning.world, new Set(accounts.keys()), clients),
  };
}

function identityOf({ plane }: LinkerdFacts, { namespace, name }: Account): readonly string[] {
  const identity = plane === undefined ? undefined : identityUnder(plane, namespace, name);
  return identity?.known === true ? [identity.value] : [];
}

function alsoAdmits(world: World, accounts: ReadonlySet<string>, clients: ReadonlySet<string>): readonly string[] {
  return workloadsOf(world).flatMap((workload) => {
    const key = formatWorkload(workload);
    const account = workload.serviceAccount === '' ? 'default' : workload.serviceAccount;
    if (clients.has(key) || !accounts.has(`${workload.namespace}/${account}`)) return [];
    const isMeshed = cohortsOf(workload).some((cohort) =>
      mayBeOf('linkerd', dataPlaneOf(workload, cohort, world).dataPlane),
    );
    return isMeshed ? [`${key} also gets in: it holds the same ServiceAccount ${account}.`] : [];
  });
}
