import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { MeshFacts } from '../istio/mesh-facts.ts';
import { namespaceMtls, type NamespaceMtls } from '../istio/namespace-mtls.ts';
import { exemptWhole, portsExceptedAlready } from '../istio/strict-exceptions.ts';
import { stateOf, type Planning } from '../planning.ts';
import type { Exempt, MeshLists } from './lists.ts';
import { placedWorkloads } from './membership.ts';

interface NamespaceModes {
  readonly mtls: NamespaceMtls;
  readonly whole: ReadonlySet<string>;
  readonly ports: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * Which workloads STRICT for the whole mesh covers: ready are those whose namespace says STRICT itself, exempt those
 * with a policy of their own. Gateways and waypoints are in no list, because PeerAuthentication reaches no listener of
 * theirs.
 */
export function strictCover(planning: Planning, facts: MeshFacts): MeshLists {
  const { world } = planning;
  const modes = new Map<string, NamespaceModes>();
  const lists = { ready: [], exempt: [], outside: [], none: [] } as {
    readonly [List in keyof MeshLists]: MeshLists[List][number][];
  };
  for (const { workload, membership } of placedWorkloads(world)) {
    if (membership.kind === 'outside') lists.outside.push(workload);
    if (membership.kind === 'unknown')
      lists.none.push({ workload, why: membership.why, remedy: 'find out, and plan again' });
    if (membership.kind !== 'member') continue;
    const { namespace } = workload;
    const own = modes.get(namespace) ?? modesOf(world, facts, namespace);
    modes.set(namespace, own);
    const exempt = exemptionOf(workload, own);
    if (exempt !== undefined) lists.exempt.push(exempt);
    else if (isStrict(own.mtls)) lists.ready.push(workload);
    else lists.none.push({ workload, ...whyNotReady(planning, namespace, own.mtls) });
  }
  return lists;
}

function modesOf(world: World, facts: MeshFacts, namespace: string): NamespaceModes {
  return {
    mtls: namespaceMtls(world, facts, namespace),
    whole: new Set(exemptWhole(world, namespace).map(formatWorkload)),
    ports: portsExceptedAlready(world, namespace),
  };
}

function isStrict({ own, rivals, gap }: NamespaceMtls): boolean {
  return own === 'STRICT' && rivals.length === 0 && gap === undefined;
}

/** A policy for ports alone is enough only where the namespace decides about the others. */
function exemptionOf(workload: Workload, { mtls, whole, ports }: NamespaceModes): Exempt | undefined {
  const name = formatWorkload(workload);
  if (mtls.gap !== undefined) return undefined;
  if (whole.has(name))
    return { workload, by: 'a PeerAuthentication of its own keeps it from turning STRICT', ports: [] };
  const open = [...(ports.get(name) ?? [])].sort((left, right) => left - right);
  if (open.length === 0 || !isStrict(mtls)) return undefined;
  return { workload, by: `port ${open.join(', ')} stays open to plaintext`, ports: open };
}

function whyNotReady(
  planning: Planning,
  namespace: string,
  { own, rivals, gap }: NamespaceMtls,
): { readonly why: string; readonly remedy: string } {
  if (gap !== undefined)
    return { why: `its PeerAuthentications were not read: ${gap}`, remedy: 'read them, and plan again' };
  if (rivals.length > 0) {
    return { why: `${rivals.join(' and ')} compete for namespace ${namespace}`, remedy: 'keep one of them' };
  }
  const state = stateOf(planning, `strict-${namespace}`);
  const mode = own === undefined ? 'says no mode of its own' : `says ${own}`;
  return {
    why: `it is enrolled, and its namespace ${mode}${state === undefined ? '' : ` (stage strict-${namespace} is ${state})`}`,
    remedy:
      state === undefined
        ? `take namespace ${namespace} into the plan, or keep the workload PERMISSIVE by a PeerAuthentication of its own, with an owner and an end`
        : `clear what is in the way of strict-${namespace}, and plan again`,
  };
}
