import { sortedUnique } from '../../lib/order.ts';
import type { Kind } from '../kubernetes/object.ts';
import { formatWorkload, workloadRef, type WorkloadRef } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import { formatSource } from './call-id.ts';
import type { Call, CallGraph, EvidenceKind, ObservationWindow } from './call.ts';
import { staleSightings, youngWorkloads, type StaleSighting, type YoungWorkload } from './coverage-age.ts';
import { timedCallers, type TimedCaller } from './timed-callers.ts';
import { unreadKinds } from './unread-kinds.ts';
import { serverPorts, type ServerPort } from './server-ports.ts';
import { isObservation, latest, sawUnmeshed, windowsOf } from './sightings.ts';

/** How well the callers of one container port are known. */
export interface PortCoverage {
  readonly workload: WorkloadRef;
  /** Container port. */
  readonly port: number;
  /** Kinds of evidence that calls to it rest on, sorted. */
  readonly evidence: readonly EvidenceKind[];
  /** Whether a call to it was observed or exercised; a kubelet's probe or a scrape counts as well. */
  readonly observed: boolean;
  /** Whether one was observed by a watcher that also sees callers outside a mesh. */
  readonly observedUnmeshed: boolean;
  /** RFC 3339, the latest of all that was seen. */
  readonly lastSeen?: string;
  /** Who calls, as people write it, sorted. */
  readonly callers: readonly string[];
  /** The outsiders that may reach it from beyond the cluster (load balancer, internet), sorted. */
  readonly fromOutside: readonly string[];
}

/** A window with its length, and whether it is as long as was asked for. */
export interface CoveredWindow extends ObservationWindow {
  readonly seconds?: number;
  /** False where the window is shorter than asked for, or its length is not known. */
  readonly longEnough: boolean;
}

/** A container port that only watchers observed which do not see callers outside a mesh: there may be such callers. */
export interface BlindPort {
  readonly workload: WorkloadRef;
  /** Container port. */
  readonly port: number;
  /** The watchers, by their windows' names or as the evidence names them, sorted. */
  readonly sources: readonly string[];
}

/** How much of who calls whom is known; it goes with every answer that rests on calls. */
export interface CallCoverage {
  readonly ports: readonly PortCoverage[];
  readonly counts: {
    readonly ports: number;
    readonly observedPorts: number;
    readonly workloads: number;
    /** Workloads with ports, of which each was observed. */
    readonly observedWorkloads: number;
  };
  readonly windows: readonly CoveredWindow[];
  /** Callers that run too seldom, or not at all, to be seen in the longest window. */
  readonly unobservable: readonly TimedCaller[];
  /** Workloads that listen and that nobody is known to call, kubelet and Prometheus apart. */
  readonly withoutCaller: readonly WorkloadRef[];
  /** Calls that lead to no workload, each with the reason. */
  readonly withoutServer: readonly { readonly call: string; readonly reason: string }[];
  /** Ports whose callers outside a mesh nobody could see. */
  readonly blindTo: readonly BlindPort[];
  /** Workloads that the longest window did not see whole, as they are younger, or may be. */
  readonly youngerThanWindow: readonly YoungWorkload[];
  /** What was seen only before the workload had its present template. */
  readonly stale: readonly StaleSighting[];
  /** Kinds that tell of calls and were not read whole; what they would tell is missing. */
  readonly unread: readonly { readonly kind: Kind; readonly reason: string }[];
}

/** How long a window must be, in seconds. */
export interface CoverageOptions {
  readonly minWindowSeconds?: number;
}

const WATCHERS: ReadonlySet<string> = new Set(['kubelet', 'prometheus']);
const BEYOND: ReadonlySet<string> = new Set(['load-balancer', 'internet']);

/** How much of the calls of a world is known, per container port and in all. */
export function callCoverage(world: World, graph: CallGraph, options: CoverageOptions = {}): CallCoverage {
  const windows = graph.windows.map((window) => coveredWindow(window, options.minWindowSeconds ?? 0));
  const { servers, withoutServer } = serverPorts(world, graph.calls);
  const ports = servers.map((server) => portCoverage(server, graph.windows));
  const workloads = workloadsWith(servers);
  const quiet = workloads.filter((ofOne) => ofOne.every(({ calls }) => calls.every(isWatching)));
  return {
    ports,
    counts: {
      ports: ports.length,
      observedPorts: ports.filter((port) => port.observed).length,
      workloads: workloads.length,
      observedWorkloads: workloads.filter((ofOne) => ofOne.every(({ calls }) => calls.some(wasObserved))).length,
    },
    windows,
    unobservable: timedCallers(workloadsOf(world), longest(windows)),
    withoutCaller: quiet.flatMap(([first]) => (first === undefined ? [] : [workloadRef(first.workload)])),
    withoutServer,
    blindTo: servers.flatMap((server) => blindPort(server, graph.windows)),
    youngerThanWindow: youngWorkloads(world, graph.windows),
    stale: staleSightings(world, graph, servers),
    unread: unreadKinds(world),
  };
}

/**
 * The share of container ports (0 to 1) to which a call was observed since their workload has its present template.
 * Zero where there are no ports: of nothing nothing is known.
 */
export function coverageShare({ ports, stale }: Pick<CallCoverage, 'ports' | 'stale'>): number {
  const old = new Set(stale.flatMap((each) => (each.port === undefined ? [] : [portName(each.workload, each.port)])));
  const fresh = ports.filter(({ observed, workload, port }) => observed && !old.has(portName(workload, port)));
  return ports.length === 0 ? 0 : fresh.length / ports.length;
}

function portName(workload: WorkloadRef, port: number): string {
  return `${formatWorkload(workload)}:${String(port)}`;
}

function blindPort({ workload, port, calls }: ServerPort, windows: readonly ObservationWindow[]): readonly BlindPort[] {
  const seen = calls.flatMap(({ evidence }) => evidence.filter(isObservation));
  if (seen.length === 0 || seen.some((each) => sawUnmeshed(each, windows))) return [];
  const sources = seen.flatMap((each) => {
    const named = windowsOf(each, windows).map(({ source }) => source);
    return named.length > 0 ? named : [each.source];
  });
  return [{ workload: workloadRef(workload), port, sources: sortedUnique(sources) }];
}

function portCoverage({ workload, port, calls }: ServerPort, windows: readonly ObservationWindow[]): PortCoverage {
  const evidence = calls.flatMap((call) => call.evidence);
  const seen = evidence.filter(isObservation);
  const lastSeen = latest(evidence.map((each) => each.lastSeen));
  return {
    workload: workloadRef(workload),
    port,
    evidence: sortedUnique(evidence.map((each) => each.kind)) as readonly EvidenceKind[],
    observed: seen.length > 0,
    observedUnmeshed: seen.some((each) => sawUnmeshed(each, windows)),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    callers: sortedUnique(calls.map((call) => formatSource(call.from))),
    fromOutside: sortedUnique(calls.filter(isFromBeyond).map((call) => formatSource(call.from))),
  };
}

function workloadsWith(servers: readonly ServerPort[]): readonly (readonly ServerPort[])[] {
  const groups = new Map<unknown, ServerPort[]>();
  for (const server of servers) {
    const group = groups.get(server.workload);
    if (group === undefined) groups.set(server.workload, [server]);
    else group.push(server);
  }
  return [...groups.values()];
}

function coveredWindow(window: ObservationWindow, minimum: number): CoveredWindow {
  const length = (Date.parse(window.to ?? '') - Date.parse(window.from ?? '')) / 1000;
  if (!Number.isFinite(length) || length < 0) return { ...window, longEnough: false };
  return { ...window, seconds: length, longEnough: length >= minimum };
}

function longest(windows: readonly CoveredWindow[]): number {
  return Math.max(0, ...windows.filter((window) => window.seesUnmeshed).map((window) => window.seconds ?? 0));
}

function wasObserved(call: Call): boolean {
  return call.evidence.some(isObservation);
}

function isWatching({ from }: Call): boolean {
  return from.kind === 'outsider' && WATCHERS.has(from.who);
}

function isFromBeyond({ from }: Call): boolean {
  return from.kind === 'outsider' && BEYOND.has(from.who);
}
