import type { Call, CallGraph } from '../../calls/call.ts';
import { knownServerFirst, namesServerFirst } from '../../calls/known-server-first.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { autoscalersOf } from '../../world/platform/autoscalers.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { CallIndex } from '../call-index.ts';
import type { Condition } from '../plan.ts';
import type { Planning } from '../planning.ts';
import { startsEarly } from './early-callers.ts';

const NETWORKS = 'k8s.v1.cni.cncf.io/networks';

/**
 * What a proxy in the pods of these workloads changes beside encryption, each as a paragraph with what to do. Sources:
 * https://github.com/linkerd/linkerd2/issues/7777, https://github.com/linkerd/linkerd2/issues/1480,
 * https://github.com/linkerd/linkerd2/issues/8308, https://github.com/linkerd/linkerd2/issues/13865.
 */
export function pitfallNotes(workloads: readonly Workload[]): readonly string[] {
  return workloads.filter(startsEarly).map(earlyNote);
}

/**
 * Conditions that no object answers, for the entry gate of the wave that enrols these workloads. Sources:
 * https://github.com/linkerd/linkerd2/issues/9840, https://github.com/linkerd/linkerd2/issues/13475.
 */
export function pitfallQuestions(
  { world, index, input: { graph } }: Planning,
  workloads: readonly Workload[],
): readonly Condition[] {
  return [
    ...autoscalersUnread(world),
    ...workloads.flatMap((workload) => undeclaredPorts(graph, workload)),
    ...workloads.filter(({ template }) => template.annotations[NETWORKS] !== undefined).map(askSecondNetwork),
    ...workloads.flatMap((workload) => serverFirstOutside(index, workload)),
  ];
}

function askSecondNetwork(workload: Workload): Condition {
  return {
    id: `second-network-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `Nothing that ${formatWorkload(workload)} answers comes in by the second network that its annotation ${NETWORKS} gives it, or its ports are in config.linkerd.io/skip-inbound-ports: the proxy takes what comes in there too, and refuses it.`,
  };
}

/** Outside the cluster's networks no port is opaque by default, and no Service with pods says that one is. */
function serverFirstOutside(index: CallIndex, workload: Workload): readonly Condition[] {
  const own = formatWorkload(workload);
  return (index.byWorkload.get(own) ?? [])
    .filter(({ from }) => from.kind === 'workload' && formatWorkload(from.workload) === own)
    .filter((call) => (index.servers.get(call.id) ?? []).length === 0 && mayBeServerFirst(call))
    .map(({ id }) => ({
      id: 'server-first-outside',
      text: `${id} leaves the cluster to a server that speaks first: its port is opaque for the proxy (EgressNetwork with an opaque route, the chart's list inside clusterNetworks), or in config.linkerd.io/skip-outbound-ports. Else the call stalls for ten seconds.`,
    }));
}

function mayBeServerFirst({ protocol, to }: Call): boolean {
  const ports = to.port === undefined ? [] : [to.port];
  return namesServerFirst(protocol) || knownServerFirst(ports, [], []) !== undefined;
}

function autoscalersUnread(world: World): readonly Condition[] {
  const { horizontal } = autoscalersOf(world);
  if (horizontal.known) return [];
  const { gap } = world.list(KIND.horizontalPodAutoscaler);
  return [
    {
      id: 'autoscalers-unread',
      text: `No autoscaler of these workloads counts what the proxies use. That is not known: ${gap ?? horizontal.reason}.`,
    },
  ];
}

/**
 * Ports that its configuration names and their Service does not declare: whether anybody calls them it does not say.
 * Source: https://github.com/linkerd/linkerd2/issues/13922.
 */
function undeclaredPorts({ unresolved }: CallGraph, workload: Workload): readonly Condition[] {
  const own = formatWorkload(workload);
  const configured = `${workload.kind} ${workload.namespace}/${workload.name} container `;
  return unresolved
    .filter(({ source, reason }) => source.startsWith(configured) && / has no port \S+( \(|$)/.test(reason))
    .map(({ source, reason }) => ({
      id: 'undeclared-port',
      text: `${own} calls nothing at a port that its Service does not declare, or the port is declared first: clients in the mesh are refused there. ${source}: ${reason}.`,
    }));
}

function earlyNote(workload: Workload): string {
  return `${formatWorkload(workload)} does not wait for its proxy (config.linkerd.io/proxy-await: disabled): its first calls go out in plaintext, and a server that is STRICT refuses them now and then. So the ports that it calls stay open, as rows of the register: take the annotation away, and plan again.`;
}
