import { asObject, at } from '../../../lib/json.ts';
import { compareBy, compareText, groupBy, sortedUnique } from '../../../lib/order.ts';
import { formatSource } from '../../calls/call-id.ts';
import { strongestEvidence, type Call, type EvidenceKind } from '../../calls/call.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { OWN_PORTS } from '../proxy-ports.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception } from '../plan.ts';
import type { Planning } from '../planning.ts';
import type { WorseCall } from '../simulate-stage.ts';
import { workloadPolicies, type ExceptedPort } from './exception-objects.ts';

/** The ports of a namespace's workloads behind the calls that STRICT would make worse; never those of the sidecar's agent, which it does not capture. */
export function portsToExcept(
  planning: Planning,
  namespace: string,
  worse: readonly WorseCall[],
): readonly ExceptedPort[] {
  const hits = worse.flatMap((each) =>
    (planning.index.servers.get(each.call.id) ?? [])
      .filter(({ workload, port }) => workload.namespace === namespace && !OWN_PORTS[planning.input.target](port))
      .map(({ workload, port }) => ({ workload, port, worse: each })),
  );
  const groups = groupBy(hits, ({ workload, port }) => `${formatWorkload(workload)} ${String(port)}`);
  return [...groups.values()]
    .flatMap((group): readonly ExceptedPort[] => {
      const [first] = group;
      if (first === undefined) return [];
      const { workload, port } = first;
      return [{ workload, port, waitsFor: waitsFor(group.map((hit) => hit.worse)) }];
    })
    .sort(
      compareBy(
        ({ workload }) => formatWorkload(workload),
        ({ port }) => String(port).padStart(5, '0'),
      ),
    );
}

/** One text for each caller, on the strongest evidence that any of its calls rests on. */
function waitsFor(worse: readonly WorseCall[]): readonly string[] {
  const callers = groupBy(worse, ({ call }) => formatSource(call.from));
  return [...callers]
    .map(([caller, group]) => {
      const wires = sortedUnique(group.map(({ after }) => after.wire)).join(' or ');
      const phases = sortedUnique(group.map(({ call }) => call.phase)).join(', ');
      return `${caller}: ${wires} (${phases}), ${strongestOf(group.map(({ call }) => call))}`;
    })
    .sort(compareText);
}

function strongestOf(calls: readonly Call[]): EvidenceKind {
  const kinds = new Set(calls.map(strongestEvidence));
  return (['exercised', 'observed', 'declared'] as const).find((kind) => kinds.has(kind)) ?? 'inferred';
}

/** The ports as rows of the exception register. */
export function mtlsExceptions(ports: readonly ExceptedPort[]): readonly Exception[] {
  return ports.map(({ workload, port, waitsFor }) => ({
    workload: workloadRef(workload),
    layer: 'mtls' as const,
    ports: [port],
    reason: `it waits for ${waitsFor.join('; ')}`,
    owner: ownerToBeNamed(workload),
    expires: 'when these callers send mutual TLS',
  }));
}

/** Ports that the world's policies keep PERMISSIVE already, by formatted workload. */
export function portsExceptedAlready(world: World, namespace: string): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const workload of workloadsIn(world, namespace)) {
    const ports = workloadPolicies(world, workload).flatMap(({ portModes }) =>
      Object.entries(portModes).flatMap(([port, mode]) =>
        mode === 'PERMISSIVE' || mode === 'DISABLE' ? [Number(port)] : [],
      ),
    );
    if (ports.length > 0) found.set(formatWorkload(workload), new Set(ports));
  }
  return found;
}

/** Workloads of the namespace with a policy that keeps the whole of them from turning STRICT. */
export function exemptWhole(world: World, namespace: string): readonly Workload[] {
  return workloadsIn(world, namespace).filter((workload) =>
    workloadPolicies(world, workload).some(({ mode }) => mode === 'PERMISSIVE' || mode === 'DISABLE'),
  );
}

/** Whether an earlier plan left exceptions in the namespace. */
export function hasOurExceptions(world: World, namespace: string): boolean {
  return world
    .listIn(KIND.peerAuthentication, namespace)
    .objects.some(
      ({ metadata, spec }) =>
        metadata.name.endsWith('-exceptions') && asObject(at(spec, 'portLevelMtls')) !== undefined,
    );
}
