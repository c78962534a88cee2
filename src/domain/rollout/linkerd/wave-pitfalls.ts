import type { Call } from '../../calls/call.ts';
import { knownServerFirst, namesServerFirst } from '../../calls/known-server-first.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { autoscalersOf } from '../../world/platform/autoscalers.ts';
import { componentsOf } from '../../world/platform/components.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { CallIndex } from '../call-index.ts';
import type { Condition } from '../plan.ts';

const NETWORKS = 'k8s.v1.cni.cncf.io/networks';

/**
 * What a proxy in the pods of these workloads changes beside encryption, each as a paragraph with what to do. Sources:
 * https://github.com/linkerd/linkerd2/issues/7777, https://github.com/linkerd/linkerd2/issues/1480,
 * https://github.com/linkerd/linkerd2/issues/8308, https://github.com/linkerd/linkerd2/issues/13865.
 */
export function pitfallNotes(world: World, workloads: readonly Workload[]): readonly string[] {
  return [
    ...workloads.flatMap(blindProbes),
    ...workloads.filter(startsEarly).map(earlyNote),
    ...scaledByProxies(world, workloads),
    ...keptOnNodes(world),
  ];
}

/**
 * Conditions that no object answers, for the entry gate of the wave that enrols these workloads. Sources:
 * https://github.com/linkerd/linkerd2/issues/9840, https://github.com/linkerd/linkerd2/issues/13475.
 */
export function pitfallQuestions(index: CallIndex, workloads: readonly Workload[]): readonly Condition[] {
  return [
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

/** Without waiting, the application runs before the proxy has its certificate. */
function startsEarly({ template, kind }: Workload): boolean {
  return template.annotations['config.linkerd.io/proxy-await'] === 'disabled' && kind !== 'Pod';
}

function earlyNote(workload: Workload): string {
  return `${formatWorkload(workload)} does not wait for its proxy (config.linkerd.io/proxy-await: disabled): its first calls go out in plaintext, and a server that is STRICT refuses them now and then. Before STRICT of whom it calls: take the annotation away.`;
}

function blindProbes(workload: Workload): readonly string[] {
  const probes = workload.template.containers
    .flatMap((container) => container.probes)
    .filter(({ handler }) => handler === 'tcp');
  return probes.map(
    ({ phase, port }) =>
      `${formatWorkload(workload)}: its ${phase} probe only opens a connection (tcpSocket, port ${port === undefined ? 'unknown' : String(port)}), which the proxy takes whether or not the application is there, so it succeeds always. Before this wave, in its source: httpGet, grpc or exec.`,
  );
}

function scaledByProxies(world: World, workloads: readonly Workload[]): readonly string[] {
  const { horizontal } = autoscalersOf(world);
  if (!horizontal.known) {
    const { gap } = world.list(KIND.horizontalPodAutoscaler);
    return [`Whether an autoscaler counts what the proxies use is not known: ${gap ?? horizontal.reason}.`];
  }
  return workloads.flatMap((workload) =>
    horizontal.value
      .filter(({ namespace, target }) => namespace === workload.namespace && target === nameOf(workload))
      .flatMap(({ name, metrics }) => {
        if (metrics.known && !metrics.value.some(({ countsSidecars }) => countsSidecars)) return [];
        return [
          `HorizontalPodAutoscaler ${workload.namespace}/${name} counts what all containers of ${formatWorkload(workload)} use, so the proxy moves its numbers, and without requests of the proxy a utilisation cannot be told at all. Before this wave: a ContainerResource metric of the application's container, and requests for the proxy.`,
        ];
      }),
  );
}

function nameOf({ kind, name }: Workload): string {
  return `${kind}/${name}`;
}

/** The proxy's volumes are emptyDirs, and pods that hold such data are not evicted to make a node go away. */
function keptOnNodes(world: World): readonly string[] {
  const found = componentsOf(world).find(({ component }) => component === 'cluster-autoscaler');
  if (found?.state.known !== true || found.state.value === 'absent') return [];
  return [
    'The cluster-autoscaler here evicts no pod that keeps local data, and the volumes of the proxy count as such: nodes are not scaled down any more. On the pod templates: cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: linkerd-identity-end-entity,linkerd-proxy-init-xtables-lock.',
  ];
}
