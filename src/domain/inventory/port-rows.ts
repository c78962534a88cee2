import { groupBy, sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { containerPorts, servicesBefore } from '../calls/find-services.ts';
import { podsOf } from '../calls/find-workloads.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';
import type { MtlsMode, PortMode } from '../mesh/mesh.ts';
import { serverPortsOf } from '../world/server-ports.ts';
import type { Evidence } from '../world/evidence.ts';
import type { Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { isInMesh, type ResolvedCohort } from './cohort-row.ts';

/** The mode in force on a container port. */
export interface PortModeRow {
  readonly mode: MtlsMode;
  /** The mesh's own word; several where cohorts differ. */
  readonly declared: string;
  readonly source: readonly Evidence[];
}

/** The mode over all ports of a workload, and by container port. */
export interface MtlsRow extends PortModeRow {
  readonly ports: Readonly<Record<string, PortModeRow>>;
}

/** A container port at which a workload may be called. */
export interface PortRow {
  readonly port: number;
  /** Name of the container port. */
  readonly name?: string;
  /** What Services say that it speaks (appProtocol, else the name of the port), each once; empty where none says. */
  readonly protocols: readonly string[];
  /** The Services that lead to it, as `cart:80`. */
  readonly services: readonly string[];
}

/** All modes, the weakest first. */
export const MTLS_MODES = [
  'unknown',
  'none',
  'disabled',
  'permissive',
  'strict',
] as const satisfies readonly MtlsMode[];

/** By container port, the mode in force for all cohorts; where they differ, the weakest and what each has. */
export function mtlsRow(workload: Workload, cohorts: readonly ResolvedCohort[], world: World): MtlsRow {
  const unseen = unseenPods(workload, world);
  const rows = serverPortsOf(workload, world).map((port): [string, PortModeRow] => {
    const modes = cohorts.map((cohort) => modeOf(workload, cohort, { port, world }));
    return [String(port), joined([...modes, ...unseen])];
  });
  const ports = Object.fromEntries(rows);
  if (rows.length > 0) return { ...joined(rows.map(([, row]) => ({ ...row, evidence: row.source }))), ports };
  const meshed = unseen.length > 0 || cohorts.some(({ row }) => isInMesh(row.mode) || row.mode === 'unknown');
  return meshed ? { ...NO_PORT, ports } : { mode: 'none', declared: 'no proxy', source: [], ports };
}

/** Pods that nobody read may answer on the same port, with another proxy or without one. */
function unseenPods({ namespace }: Workload, world: World): readonly PortMode[] {
  const gap = world.listIn(KIND.pod, namespace).gap;
  if (gap === undefined) return [];
  return [{ mode: 'unknown', declared: 'unknown', evidence: [{ rule: `not all of its pods are known: ${gap}` }] }];
}

const NO_PORT: PortModeRow = {
  mode: 'unknown',
  declared: 'unknown',
  source: [{ rule: 'No container port of it is known, so none can be asked about.' }],
};

/** The weakest of several is what somebody outside can count on; its evidence is what decides. */
function joined(modes: readonly PortMode[]): PortModeRow {
  const mode = MTLS_MODES.find((each) => modes.some((one) => one.mode === each)) ?? 'none';
  const declared = sortedUnique(modes.flatMap((each) => each.declared.split(', '))).join(', ');
  return { mode, declared, source: distinct(modes.flatMap((each) => each.evidence)) };
}

function modeOf(
  workload: Workload,
  { mesh, dataPlane, cohort }: ResolvedCohort,
  { port, world }: { readonly port: number; readonly world: World },
): PortMode {
  if (mesh === undefined) return { mode: 'none', declared: 'no proxy', evidence: [{ rule: dataPlane.reason }] };
  return mesh.portMode({ workload, cohort, port }, world);
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...groupBy(evidence, (each) => JSON.stringify(each)).values()].flatMap((group) => group.slice(0, 1));
}

/** The container ports of a workload with what leads to them, ascending. */
export function portRows(workload: Workload, world: World): readonly PortRow[] {
  const pods = podsOf(workload);
  const named = pods.flatMap((pod) => pod.containers.filter(({ name }) => !isProxyContainer(name, pod)));
  const names = new Map<number, string>();
  for (const { port, name } of named.flatMap(({ ports }) => ports)) {
    if (name !== undefined && !names.has(port)) names.set(port, name);
  }
  const leading = groupBy(
    servicesBefore(world, workload).flatMap((service) =>
      service.ports.flatMap((port) => containerPorts(port, pods).map((target) => ({ service, port, target }))),
    ),
    ({ target }) => target,
  );
  return serverPortsOf(workload, world).map((port) => {
    const name = names.get(port);
    const here = leading.get(port) ?? [];
    return {
      port,
      ...(name === undefined ? {} : { name }),
      protocols: sortedUnique(here.flatMap((each) => declaredProtocol(each.port) ?? [])),
      services: sortedUnique(here.map((each) => `${each.service.name}:${String(each.port.port)}`)),
    };
  });
}

/** The protocols that a Service port's name may begin with; Istio and others read them so. */
const NAMED_PROTOCOL = /^(http2|https|http|grpc-web|grpc|tcp|tls|udp|mongo|mysql|redis)(-|$)/;

function declaredProtocol(port: { readonly name?: string; readonly appProtocol?: string }): string | undefined {
  return port.appProtocol ?? NAMED_PROTOCOL.exec(port.name?.toLowerCase() ?? '')?.[1];
}
