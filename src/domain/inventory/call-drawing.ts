import { compareBy, groupBy, sortedUnique } from '../../lib/order.ts';
import { strongestEvidence, type Call, type CallGraph, type EvidenceKind } from '../calls/call.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { endsOf, type DrawnNode } from './drawn-nodes.ts';
import { isInScope, type InventoryScope } from './scope.ts';
import type { CallOutcome } from './workload-story.ts';

/** The calls between two nodes. */
export interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  /** The strongest evidence that any of the calls rests on. */
  readonly evidence: EvidenceKind;
  /** Ports that are dialled, ascending. */
  readonly ports: readonly number[];
  readonly protocols: readonly string[];
  /** What is on the wire, of each pair of pods that call: `mtls`, `plaintext`, `tls`, `hbone`, `unknown`; sorted, once. */
  readonly wire: readonly string[];
  /** The worst of the calls. */
  readonly verdict: CallOutcome['verdict'];
  /** RFC 3339, the latest of all that was seen. */
  readonly lastSeen?: string;
}

/** Who calls whom, ready to be drawn. */
export interface CallDrawing {
  readonly cluster: string;
  readonly by: 'workload' | 'namespace';
  /** Sorted by namespace (those of none last), kind and label. */
  readonly nodes: readonly DrawnNode[];
  /** Sorted by their ends. */
  readonly edges: readonly DrawnEdge[];
  /** What is not in the drawing. */
  readonly leftOut: {
    /** Calls of kubelets. */
    readonly probes: number;
    /** Workloads in scope with no call that is drawn. */
    readonly quietWorkloads: number;
  };
}

/** What to draw, and how. */
export interface DrawingRequest {
  readonly by: 'workload' | 'namespace';
  readonly scope: InventoryScope;
  /** Whether to draw the kubelet's calls too. */
  readonly probes: boolean;
  readonly outcomeOf: (call: Call) => CallOutcome;
}

interface DrawnCall {
  readonly call: Call;
  readonly from: DrawnNode;
  readonly to: DrawnNode;
}

/** The calls of a world that begin or end in the scope, as nodes and edges. */
export function drawCalls(world: World, graph: CallGraph, request: DrawingRequest): CallDrawing {
  const inScope = new Set(workloadsOf(world).filter((workload) => isInScope(workload, request.scope)));
  const isProbe = ({ from, phase }: Call): boolean =>
    phase === 'probe' || (from.kind === 'outsider' && from.who === 'kubelet');
  const probes = graph.calls.filter(isProbe).length;
  const drawable = request.probes ? graph.calls : graph.calls.filter((call) => !isProbe(call));
  const ends = endsOf(world, request.by);
  const everything = request.scope.namespaces.length === 0 && request.scope.selector === undefined;
  const isWanted = (workloads: readonly Workload[], namespaces: readonly string[]): boolean =>
    workloads.some((workload) => inScope.has(workload)) ||
    (request.scope.selector === undefined && namespaces.some((name) => request.scope.namespaces.includes(name)));
  const drawn: DrawnCall[] = [];
  const touched = new Set<Workload>();
  for (const call of drawable) {
    for (const { from, to, workloads } of ends(call)) {
      const namespaces = [from, to].flatMap(({ namespace }) => namespace ?? []);
      if (!everything && !isWanted(workloads, namespaces)) continue;
      drawn.push({ call, from, to });
      for (const workload of workloads) touched.add(workload);
    }
  }
  return {
    cluster: world.cluster,
    by: request.by,
    nodes: nodesOf(drawn),
    edges: edgesOf(drawn, request.outcomeOf),
    leftOut: {
      probes: request.probes ? 0 : probes,
      quietWorkloads: [...inScope].filter((workload) => !touched.has(workload)).length,
    },
  };
}

function nodesOf(drawn: readonly DrawnCall[]): readonly DrawnNode[] {
  const byId = new Map(drawn.flatMap(({ from, to }) => [from, to]).map((node) => [node.id, node]));
  return [...byId.values()].sort(
    compareBy(
      ({ namespace }) => (namespace === undefined ? '1' : `0${namespace}`),
      ({ kind }) => kind,
      ({ id }) => id,
    ),
  );
}

function edgesOf(drawn: readonly DrawnCall[], outcomeOf: DrawingRequest['outcomeOf']): readonly DrawnEdge[] {
  const outcomes = new Map<Call, CallOutcome>();
  for (const { call } of drawn) if (!outcomes.has(call)) outcomes.set(call, outcomeOf(call));
  const groups = groupBy(drawn, ({ from, to }) => JSON.stringify([from.id, to.id]));
  const edges = [...groups.values()].flatMap((group): DrawnEdge[] => {
    const [first] = group;
    if (first === undefined) return [];
    const calls = [...new Set(group.map(({ call }) => call))];
    return [{ from: first.from.id, to: first.to.id, ...edgeOf(calls, outcomes) }];
  });
  return edges.sort(
    compareBy(
      ({ from }) => from,
      ({ to }) => to,
    ),
  );
}

function edgeOf(calls: readonly Call[], known: ReadonlyMap<Call, CallOutcome>): Omit<DrawnEdge, 'from' | 'to'> {
  const outcomes = calls.flatMap((call) => known.get(call) ?? []);
  const wires = outcomes.flatMap(({ wire, wires: several }) => (several === undefined ? [wire] : Object.keys(several)));
  const evidence = EVIDENCE.find((kind) => calls.some((call) => strongestEvidence(call) === kind)) ?? 'inferred';
  const ports = calls.flatMap(({ to }) => to.port ?? []);
  const seen = calls.flatMap((call) => call.evidence.flatMap(({ lastSeen }) => lastSeen ?? []));
  const lastSeen = sortedUnique(seen).at(-1);
  return {
    calls: calls.length,
    evidence,
    ports: [...new Set(ports)].sort((left, right) => left - right),
    protocols: sortedUnique(calls.flatMap(({ protocol }) => protocol ?? [])),
    wire: sortedUnique(wires),
    verdict: VERDICTS.find((verdict) => outcomes.some((outcome) => outcome.verdict === verdict)) ?? 'unknown',
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
}

const EVIDENCE: readonly EvidenceKind[] = ['observed', 'exercised', 'declared', 'inferred'];
const VERDICTS = ['breaks', 'unknown', 'partial', 'degraded', 'ok'] as const;
