import type { Call, CallGraph } from '../calls/call.ts';
import { callCoverage, type CallCoverage } from '../calls/coverage.ts';
import type { Detection } from '../mesh/mesh.ts';
import { MESHES } from '../mesh/registry.ts';
import type { CoverageEntry } from '../world/coverage.ts';
import type { Fact } from '../world/fact.ts';
import { platformOf, type Platform } from '../world/platform/platform.ts';
import { servicesOf } from '../world/service.ts';
import { formatWorkload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { namespaceRow, type NamespaceRow } from './namespace-row.ts';
import { coverageOf } from './scoped-coverage.ts';
import { callTouches, isInScope, isRowInScope, limitsAnything, limitsRows, type InventoryScope } from './scope.ts';
import { serviceRow, type ServiceRow } from './service-row.ts';
import { summaryOf, type InventorySummary } from './summary.ts';
import { workloadRow, type RowContext, type WorkloadRow } from './workload-row.ts';

/** Everything that is known of a world, workload by workload and port by port. */
export interface Inventory {
  readonly cluster: { readonly name: string; readonly kubernetesVersion: Fact<string>; readonly platform: Platform };
  readonly coverage: readonly CoverageEntry[];
  readonly summary: InventorySummary;
  readonly meshes: readonly Detection[];
  readonly namespaces: readonly NamespaceRow[];
  readonly workloads: readonly WorkloadRow[];
  readonly services: readonly ServiceRow[];
  readonly calls: readonly Call[];
  /** Of the workloads that are shown; who runs too seldom to be seen, and which kinds were not read, is of the world. */
  readonly callCoverage: CallCoverage;
}

/** The inventory of a world, limited to the scope. */
export function inventoryOf(world: World, graph: CallGraph, scope: InventoryScope): Inventory {
  const all = workloadsOf(world);
  const { meshes, context } = meshesIn(world);
  const rows = all
    .filter((workload) => isInScope(workload, scope))
    .map((workload) => workloadRow(workload, context))
    .filter((row) => isRowInScope(row, scope));
  const whole = callCoverage(world, graph);
  return {
    cluster: { name: world.cluster, kubernetesVersion: world.kubernetesVersion, platform: platformOf(world) },
    coverage: world.coverage.entries,
    summary: summaryOf(rows, all.length),
    meshes,
    ...around(rows, { world, graph, scope }),
    workloads: rows,
    callCoverage: limitsAnything(scope) ? coverageOf(rows, whole) : whole,
  };
}

/** What each mesh says of its being there, and the meshes that are not absent. */
export function meshesIn(world: World): { readonly meshes: readonly Detection[]; readonly context: RowContext } {
  const meshes = MESHES.map((mesh) => mesh.detect(world));
  const present = MESHES.filter((_, index) => meshes[index]?.state !== 'absent');
  return { meshes, context: { world, meshes: present } };
}

interface Surroundings {
  readonly world: World;
  readonly graph: CallGraph;
  readonly scope: InventoryScope;
}

/** The namespaces, Services and calls that have to do with the rows; of a whole namespace, all of it. */
function around(
  rows: readonly WorkloadRow[],
  { world, graph, scope }: Surroundings,
): Pick<Inventory, 'namespaces' | 'services' | 'calls'> {
  const limited = limitsRows(scope);
  const shown = new Set(rows.map(formatWorkload));
  const shownNamespaces = new Set(limited ? rows.map(({ namespace }) => namespace) : scope.namespaces);
  const everything = !limitsAnything(scope);
  const inNamespaces = (namespace: string): boolean => everything || shownNamespaces.has(namespace);
  const services = servicesOf(world)
    .filter(({ namespace }) => inNamespaces(namespace))
    .map((service) => serviceRow(service, world))
    .filter((row) => !limited || row.workloads.some((ref) => shown.has(formatWorkload(ref))));
  const inScope = (call: Call): boolean =>
    limited ? callTouches(call, shown, world) : namespacesOf(call).some(inNamespaces);
  return {
    namespaces: world
      .namespaces()
      .filter(inNamespaces)
      .map((name) => namespaceRow(world, name)),
    services,
    calls: everything ? graph.calls : graph.calls.filter(inScope),
  };
}

function namespacesOf({ from, to }: Call): readonly string[] {
  const caller = from.kind === 'workload' ? [from.workload.namespace] : [];
  switch (to.kind) {
    case 'service-port':
    case 'headless-instance':
      return [...caller, to.namespace];
    case 'pod-port':
      return [...caller, to.workload.namespace];
    case 'external-host':
      return caller;
  }
}
