import { formatWorkload, type Workload } from '../world/workload.ts';
import { findWorkload, workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { serverPortsOf } from '../world/server-ports.ts';
import { ANY_NAMESPACE, byIdentity, PLAINTEXT, strangersAt } from './strangers.ts';

const DEFAULT_ACCOUNT = 'account default of any namespace';

/**
 * What the second world accepts, from callers that nobody named, and the first refused; sorted. A door counts as open
 * where some cohort opens it, and an unknown answer before counts as open, so that only what was surely shut is listed.
 * Where plaintext of any pod surely came in before, every pod did: asking it for mutual TLS lets in nobody who was out.
 * Looks at the workloads of the given namespaces, or at all.
 */
export function openingsBetween(
  before: World,
  after: World,
  namespaces: readonly string[] = after.namespaces(),
): readonly string[] {
  if (before === after) return [];
  return namespaces
    .flatMap((namespace) => workloadsIn(after, namespace))
    .flatMap((workload) => openingsOf(workload, before, after))
    .sort();
}

function openingsOf(workload: Workload, before: World, after: World): string[] {
  const earlier = findWorkload(before, workload);
  if (earlier === undefined) return [];
  return serverPortsOf(workload, after).flatMap((port) => {
    const open = strangersAt({ workload: earlier, port }, before);
    if ((open.anyIdentity && open.names.has(PLAINTEXT)) || open.takesPlaintext) return [];
    const names = [...strangersAt({ workload, port }, after).names].filter(
      (name) => !open.names.has(name) && (name === PLAINTEXT || !open.anyIdentity),
    );
    return withoutImplied(names).map((name) => `${formatWorkload(workload)} port ${String(port)}: ${name}`);
  });
}

/** Whoever lets in every namespace lets in its default account. */
function withoutImplied(names: readonly string[]): readonly string[] {
  return names.includes(byIdentity(ANY_NAMESPACE))
    ? names.filter((name) => name !== byIdentity(DEFAULT_ACCOUNT))
    : names;
}
