import type { Call, CallGraph } from '../calls/call.ts';
import { callCoverage, type CallCoverage } from '../calls/coverage.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { CoverageEntry } from '../world/coverage.ts';
import type { Fact } from '../world/fact.ts';
import { platformOf, type Platform } from '../world/platform.ts';
import { servicesOf } from '../world/service.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { Detection } from '../mesh/mesh.ts';
import { MESHES } from '../mesh/registry.ts';
import { serviceRow, type ServiceRow } from './service-row.ts';
import { workloadRow, type WorkloadRow } from './workload-row.ts';

export interface NamespaceRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the namespace's own labels ask of the meshes, `none` where they ask nothing. */
  readonly enrolment: string;
  readonly workloads: number;
}

/** Everything that is known of a world, workload by workload and port by port. */
export interface Inventory {
  readonly cluster: { readonly name: string; readonly kubernetesVersion: Fact<string>; readonly platform: Platform };
  readonly coverage: readonly CoverageEntry[];
  readonly meshes: readonly Detection[];
  readonly namespaces: readonly NamespaceRow[];
  readonly workloads: readonly WorkloadRow[];
  readonly services: readonly ServiceRow[];
  readonly calls: readonly Call[];
  readonly callCoverage: CallCoverage;
}

/** What the result is limited to; everything was read all the same. */
export interface InventoryScope {
  readonly namespaces: readonly string[];
}

/** The inventory of a world; `scope` without namespaces means all of them. */
export function inventoryOf(world: World, graph: CallGraph, scope: InventoryScope): Inventory {
  const inScope = (namespace: string): boolean => scope.namespaces.length === 0 || scope.namespaces.includes(namespace);
  const workloads = workloadsOf(world).filter(({ namespace }) => inScope(namespace));
  return {
    cluster: { name: world.cluster, kubernetesVersion: world.kubernetesVersion, platform: platformOf(world) },
    coverage: world.coverage.entries,
    meshes: MESHES.map((mesh) => mesh.detect(world)),
    namespaces: world
      .namespaces()
      .filter(inScope)
      .map((name) => namespaceRow(world, name)),
    workloads: workloads.map((workload) => workloadRow(workload, world)),
    services: servicesOf(world)
      .filter(({ namespace }) => inScope(namespace))
      .map((service) => serviceRow(service, world)),
    calls: graph.calls.filter((call) => touches(call, inScope)),
    callCoverage: callCoverage(world, graph),
  };
}

const ENROLMENT_LABELS = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode', 'linkerd.io/inject'] as const;

function namespaceRow(world: World, name: string): NamespaceRow {
  const labels = world.get({ kind: KIND.namespace, name })?.metadata.labels ?? {};
  const asked = ENROLMENT_LABELS.flatMap((label) => (labels[label] === undefined ? [] : [`${label}=${labels[label]}`]));
  return {
    name,
    labels,
    enrolment: asked.length === 0 ? 'none' : asked.join(' '),
    workloads: workloadsOf(world).filter(({ namespace }) => namespace === name).length,
  };
}

function touches(call: Call, inScope: (namespace: string) => boolean): boolean {
  const from = call.from.kind === 'workload' ? [call.from.workload.namespace] : [];
  return [...from, ...namespacesOfTarget(call)].some(inScope);
}

function namespacesOfTarget({ to }: Call): readonly string[] {
  switch (to.kind) {
    case 'service-port':
    case 'headless-instance':
      return [to.namespace];
    case 'pod-port':
      return [to.workload.namespace];
    case 'external-host':
      return [];
  }
}
