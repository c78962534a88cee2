import type { Call, CallSource, CallTarget } from '../calls/call.ts';
import { formatSource } from '../calls/call-id.ts';
import { serversOf } from '../calls/resolve-target.ts';
import { formatWorkload, type Workload, type WorkloadRef } from '../world/workload.ts';
import { findWorkload } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { meshesIn } from './inventory.ts';
import { workloadRow } from './workload-row.ts';

/** One end of calls in a drawing. `service`: a Service that no workload answers. */
export interface DrawnNode {
  readonly id: string;
  readonly kind: 'workload' | 'service' | 'namespace' | 'outsider' | 'external';
  /** Absent for what lies in no namespace of the cluster. */
  readonly namespace?: string;
  readonly label: string;
  /** What to know of it: its state in the meshes, or why nobody answers. */
  readonly note?: string;
}

/** The two ends of a call, one pair for each workload that answers it, with the workloads at them. */
export interface DrawnEnds {
  readonly from: DrawnNode;
  readonly to: DrawnNode;
  readonly workloads: readonly Workload[];
}

interface End {
  readonly node: DrawnNode;
  readonly workload?: Workload;
}

/** Finds the ends of calls in a world, as workloads or as the namespaces that they are in. */
export function endsOf(world: World, by: 'workload' | 'namespace'): (call: Call) => readonly DrawnEnds[] {
  const nodeOf = by === 'namespace' ? namespaceNode : workloadNodes(world);
  return (call) => {
    const from = sourceEnd(call.from, world, nodeOf);
    return targetEnds(call, world, { by, nodeOf }).map((to) => ({
      from: from.node,
      to: to.node,
      workloads: [from, to].flatMap(({ workload }) => workload ?? []),
    }));
  };
}

type NodeOf = (ref: WorkloadRef) => DrawnNode;

function namespaceNode({ namespace }: Pick<WorkloadRef, 'namespace'>): DrawnNode {
  return { id: namespace, kind: 'namespace', namespace, label: namespace };
}

/** Each workload's state is looked up once, when it is first drawn. */
function workloadNodes(world: World): NodeOf {
  const { context } = meshesIn(world);
  const kept = new Map<string, DrawnNode>();
  return (ref) => {
    const id = formatWorkload(ref);
    const known = kept.get(id);
    if (known !== undefined) return known;
    const workload = findWorkload(world, ref);
    const node: DrawnNode = {
      id,
      kind: 'workload',
      namespace: ref.namespace,
      label: `${ref.kind}/${ref.name}`,
      note: workload === undefined ? 'not in this world' : noteOf(workloadRow(workload, context)),
    };
    kept.set(id, node);
    return node;
  };
}

function noteOf({ state, dataPlane }: ReturnType<typeof workloadRow>): string {
  if (state === 'none') return 'no mesh';
  const mesh = dataPlane.mesh === 'none' ? dataPlane.next.mesh : dataPlane.mesh;
  return mesh === 'none' || mesh === state ? state : `${state}, ${mesh}`;
}

function sourceEnd(from: CallSource, world: World, nodeOf: NodeOf): End {
  if (from.kind === 'workload') {
    const workload = findWorkload(world, from.workload);
    return { node: nodeOf(from.workload), ...(workload === undefined ? {} : { workload }) };
  }
  const label = formatSource(from);
  return { node: { id: `outsider/${label}`, kind: 'outsider', label } };
}

interface Drawing {
  readonly by: 'workload' | 'namespace';
  readonly nodeOf: NodeOf;
}

function targetEnds(call: Call, world: World, { by, nodeOf }: Drawing): readonly End[] {
  const { to } = call;
  if (to.kind === 'external-host') return [{ node: externalNode(to, by) }];
  const { servers, reason } = serversOf(call, world);
  if (servers.length > 0) {
    const workloads = [...new Set(servers.map(({ workload }) => workload))];
    return workloads.map((workload) => ({ node: nodeOf(workload), workload }));
  }
  if (to.kind === 'pod-port') return [{ node: nodeOf(to.workload) }];
  if (by === 'namespace') return [{ node: namespaceNode(to) }];
  const { namespace, service } = to;
  return [
    {
      node: {
        id: `${namespace}/Service/${service}`,
        kind: 'service',
        namespace,
        label: `Service/${service}`,
        note: reason ?? 'nobody answers',
      },
    },
  ];
}

/** Hosts outside are drawn one by one, or as one place beside namespaces. */
function externalNode({ host }: Extract<CallTarget, { kind: 'external-host' }>, by: Drawing['by']): DrawnNode {
  if (by === 'namespace') return { id: 'external', kind: 'external', label: 'hosts outside the cluster' };
  return { id: `external/${host}`, kind: 'external', label: host };
}
