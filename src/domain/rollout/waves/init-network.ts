import { sortedUnique } from '../../../lib/order.ts';
import { formatTarget } from '../../calls/call-id.ts';
import { isKnownCall, type Call } from '../../calls/call.ts';
import { dataPlaneOf } from '../../mesh/registry.ts';
import type { Fact } from '../../world/fact.ts';
import { isProxyContainer } from '../../world/proxy-containers.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { findWorkload } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { CallIndex } from '../call-index.ts';
import type { Condition, Obstacle } from '../plan.ts';

/** What of a mesh decides whether init containers have a network. */
export interface InitNetwork {
  /** The world in which the pods are in the mesh. */
  readonly world: World;
  /** Whether a CNI plugin redirects the traffic of new pods of the workload, before any container runs. */
  readonly redirectedByPlugin: (workload: Workload) => Fact<boolean>;
  /** The annotation of pods that lists ports whose calls the proxy does not take. */
  readonly exclusion: string;
  /** The user whose traffic is never redirected. */
  readonly proxyUser: number;
}

/** What a wave has to wait for because of the init containers of its members. */
export interface InitOutcome {
  readonly blockedBy: readonly Obstacle[];
  readonly entryGate: readonly Condition[];
  readonly notes: readonly string[];
}

/**
 * The init containers that have no network once their pods are in the mesh: a CNI plugin redirects their traffic to a
 * proxy that starts only after them. One that is known to call somebody stands in the way of the wave; of the others a
 * person says whether they call. Source: https://istio.io/latest/docs/setup/additional-setup/cni/#compatibility-with-application-init-containers.
 */
export function initWithoutNetwork(index: CallIndex, workloads: readonly Workload[], mesh: InitNetwork): InitOutcome {
  const found = workloads.flatMap((workload) => {
    const containers = withoutNetwork(workload, mesh);
    return containers.length === 0 ? [] : [{ workload, containers, ...callsOf(index, workload, mesh) }];
  });
  const hanging = found.filter(({ known }) => known.length > 0);
  const doubtful = found.filter(({ known }) => known.length === 0);
  return {
    blockedBy: hanging.map(obstacleOf),
    entryGate: doubtful.map(questionOf),
    notes: doubtful.map(
      ({ workload, containers, guessed }) =>
        `A CNI plugin redirects the traffic of new pods of ${formatWorkload(workload)} before the proxy runs: init container ${containers.join(', ')} has no network then. ${guessed.length === 0 ? 'No call of it is known' : `Its configuration names ${guessed.join(', ')}`}; the entry gate asks.`,
    ),
  };
}

interface Found {
  readonly workload: Workload;
  /** Names of its own init containers. */
  readonly containers: readonly string[];
  /** Targets that somebody saw called, or that an object says are called. */
  readonly known: readonly string[];
  /** Targets that the configuration names. */
  readonly guessed: readonly string[];
}

function withoutNetwork(workload: Workload, { world, redirectedByPlugin, proxyUser }: InitNetwork): readonly string[] {
  const after = findWorkload(world, workload) ?? workload;
  const { dataPlane } = dataPlaneOf(after, after.next, world);
  if (dataPlane.mode !== 'sidecar' || (dataPlane.native && dataPlane.nativeDoubt === undefined)) return [];
  const plugin = redirectedByPlugin(after);
  if (plugin.known && !plugin.value) return [];
  const { template } = workload;
  return template.initContainers
    .filter(
      ({ name, restartPolicy, runAsUser }) =>
        !isProxyContainer(name) && restartPolicy !== 'Always' && (runAsUser ?? template.runAsUser) !== proxyUser,
    )
    .map(({ name }) => name);
}

/** A watcher does not tell at which phase of a pod it saw a call: one that only an init container names is its own. */
function callsOf(
  { byWorkload }: CallIndex,
  workload: Workload,
  { exclusion }: InitNetwork,
): Pick<Found, 'known' | 'guessed'> {
  const name = formatWorkload(workload);
  const listed = portRanges(workload.template.annotations[exclusion]);
  const isExcluded = ({ to: { port } }: Call): boolean =>
    port !== undefined && listed.some(([first, last]) => port >= first && port <= last);
  const own = (byWorkload.get(name) ?? []).filter(
    ({ from }) => from.kind === 'workload' && formatWorkload(from.workload) === name,
  );
  const targets = (calls: readonly Call[]): readonly string[] => sortedUnique(calls.map(({ to }) => formatTarget(to)));
  const atStart = own.filter((call) => call.phase === 'start' && !isExcluded(call));
  const running = own.filter(({ phase }) => phase === 'run');
  const named = targets(running.filter(({ evidence }) => evidence.some(({ kind }) => kind === 'inferred')));
  const seen = targets(running.filter(isKnownCall)).filter((target) => !named.includes(target));
  const isKnown = (call: Call): boolean => isKnownCall(call) || seen.includes(formatTarget(call.to));
  return { known: targets(atStart.filter(isKnown)), guessed: targets(atStart.filter((call) => !isKnown(call))) };
}

/** `80,90-99` as first and last ports. */
function portRanges(text = ''): readonly (readonly [number, number])[] {
  return text.split(',').map((part) => {
    const [first = '', last = first] = part.split('-');
    return [Number(first), Number(last)];
  });
}

function obstacleOf({ workload, containers, known }: Found): Obstacle {
  return {
    kind: 'object',
    what: `init container ${containers.join(', ')} of ${formatWorkload(workload)} calls ${known.join(', ')}, and would have no network: a CNI plugin redirects its traffic to a proxy that starts after it, and the pod would hang`,
    remedy:
      'use native sidecars; or run it as the user of the proxy, or leave its ports out of redirection, both of which send its calls in plaintext; then plan again',
  };
}

function questionOf({ workload, containers, guessed }: Found): Condition {
  const names = guessed.length === 0 ? '' : ` Its configuration names ${guessed.join(', ')}.`;
  return {
    id: `init-network-${workload.kind.toLowerCase()}-${workload.name}`,
    text: `Init container ${containers.join(', ')} of ${formatWorkload(workload)} calls nobody over the network, or its calls are left out of redirection: a CNI plugin sends them to a proxy that does not run yet, and the pod would hang.${names}`,
  };
}
