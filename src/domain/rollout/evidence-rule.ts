import { formatSource } from '../calls/call-id.ts';
import { scrapersOf } from '../calls/scraped-by.ts';
import type { Call, EvidenceKind, ObservationWindow } from '../calls/call.ts';
import { serverPorts, type ServerPort } from '../calls/server-ports.ts';
import { servicesBefore, containerPorts } from '../calls/find-services.ts';
import { podsOf } from '../calls/find-workloads.ts';
import { formatWorkload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import { callsThrough, portKey, throughUntold, type CallThrough } from './calls-through.ts';
import { defaultWindow, timedJobs, unobservedJobs } from './timed-jobs.ts';
import { lengthOf, seeingOutside, usableWindows, wasWatched } from './observation-windows.ts';
import type { Obstacle } from './plan.ts';
import { OWN_PORTS } from './proxy-ports.ts';
import type { RolloutInput } from './rollout-input.ts';

/** How well the callers of one port are known; `none` where nobody is known to call it but the kubelet and Prometheus. */
export type PortEvidence = EvidenceKind | 'none';

/** A container port with what is known of its callers. */
export interface JudgedPort {
  readonly port: ServerPort;
  readonly evidence: PortEvidence;
  /** Set where a container declares the port, no Service lists it, and nobody is known to call it. */
  readonly isUnlisted?: true;
  /** Calls that reach the port by a name that stands for it: a mesh may make something else of them. */
  readonly through?: readonly CallThrough[];
}

/** The container port for people: `shop/Deployment/cart port 8080`. */
export function formatPort({ workload, port }: Pick<ServerPort, 'workload' | 'port'>): string {
  return `${formatWorkload(workload)} port ${String(port)}`;
}

/** What a plan may rest its cutting stages on. */
export interface EvidenceRule {
  /** How long calls must have been watched, in seconds. */
  readonly minWindowSeconds: number;
  /** Windows that are long enough, recent enough, and see callers outside a mesh. */
  readonly windows: readonly ObservationWindow[];
  /** What limits the windows: one that ended too long ago or was not watched whole, or whose age nobody can say. */
  readonly windowNotes: readonly string[];
  /** Jobs that no such window shows and that no call of theirs vouches for, each as a sentence. */
  readonly notObservable: readonly string[];
  /** Callers that may be there and that nothing in this cluster would show. */
  readonly unseenCallers: readonly Obstacle[];
  /**
   * Ports by formatted workload; only those that a stage can cut: declared, called, probed or behind a Service. One that
   * only the kubelet and Prometheus call, behind no Service, counts as observed where a window saw others call the
   * workload: it would have seen callers of this port too. One that nobody at all is known to call does so only where
   * the window names ports of pods: whoever calls it calls the pods themselves, which no list of Services can say.
   */
  readonly ports: ReadonlyMap<string, readonly JudgedPort[]>;
  /** Whether a container port is one of the target's proxies, before which no policy stands. */
  readonly isOwnPort: (port: number) => boolean;
}

/** Whom else the rule has to reckon with. */
export interface EvidenceScope {
  /** Namespaces of the plan, whose jobs may call its servers; all if absent. */
  readonly namespaces?: readonly string[];
  readonly unseenCallers?: readonly Obstacle[];
}

/** Works the rule out once for a plan. */
export function evidenceRule(input: RolloutInput, scope: EvidenceScope = {}): EvidenceRule {
  const { world, graph } = input;
  const jobs = timedJobs(world, graph, scope.namespaces);
  const minWindowSeconds = input.minWindowSeconds ?? defaultWindow(jobs);
  const { recent, notes } = usableWindows(input);
  const long = recent.filter((window) => lengthOf(window) >= minWindowSeconds);
  const windows = seeingOutside(long, graph.calls);
  const covers = Math.max(0, ...windows.map(lengthOf));
  const ports = new Map<string, readonly JudgedPort[]>();
  const byWorkload = new Map<string, ServerPort[]>();
  const through = callsThrough(world, graph.calls);
  for (const port of [...serverPorts(world, graph.calls).servers, ...through.ports]) {
    const key = formatWorkload(port.workload);
    const own = byWorkload.get(key) ?? [];
    if (!own.some((each) => each.port === port.port)) byWorkload.set(key, [...own, port]);
  }
  const isOwnPort = OWN_PORTS[input.target];
  const grounds = {
    windows,
    namingPods: namingPods(windows, graph.calls),
    through: through.calls,
    untold: throughUntold(world, graph.calls),
    isOwnPort,
  };
  for (const [key, own] of byWorkload) ports.set(key, judge(world, own, grounds));
  return {
    minWindowSeconds,
    windows,
    windowNotes: notes,
    notObservable: unobservedJobs(jobs, graph, { coveredSeconds: covers, windows }),
    unseenCallers: scope.unseenCallers ?? [],
    ports,
    isOwnPort,
  };
}

interface Grounds {
  readonly windows: readonly ObservationWindow[];
  /** Those of them that also show calls to ports which no Service lists. */
  readonly namingPods: readonly ObservationWindow[];
  readonly through: ReadonlyMap<string, readonly CallThrough[]>;
  /** Calls that may reach any port of a workload, by formatted workload. */
  readonly untold: ReadonlyMap<string, readonly CallThrough[]>;
  /** Whether a port is one of the target's proxies. */
  readonly isOwnPort: (port: number) => boolean;
}

function judge(
  world: World,
  own: readonly ServerPort[],
  { windows, namingPods: byPod, through, untold, isOwnPort }: Grounds,
): readonly JudgedPort[] {
  const scrapers = new Set(scrapersOf(world).map(formatSource));
  const isWatching = ({ from }: Call): boolean =>
    (from.kind === 'outsider' && WATCHERS.has(from.who)) || scrapers.has(formatSource(from));
  const isSeenIn = (some: readonly ObservationWindow[]): boolean =>
    own.some(({ calls }) => calls.some((call) => !isWatching(call) && wasWatched(call, some)));
  const [isSeen, isSeenByPod] = [isSeenIn(windows), isSeenIn(byPod)];
  return own.flatMap((port): readonly JudgedPort[] => {
    if (isOwnPort(port.port)) return [];
    const served = isBehindService(world, port);
    const besides = [...(through.get(portKey(port)) ?? []), ...(untold.get(formatWorkload(port.workload)) ?? [])];
    const callers = port.calls.filter((call) => !isWatching(call));
    const isSilent = callers.length === 0 && !served && (port.calls.length === 0 ? isSeenByPod : isSeen);
    const evidence = isSilent ? 'observed' : evidenceOf(callers, windows);
    const judged = { port, evidence, ...(port.calls.length === 0 && !served ? { isUnlisted: true as const } : {}) };
    return [besides.length === 0 ? judged : { ...judged, through: besides }];
  });
}

/** The windows that named a pod's own port at least once: the watcher of any other may be one that knows Services alone. */
function namingPods(windows: readonly ObservationWindow[], calls: readonly Call[]): readonly ObservationWindow[] {
  const toPods = calls.filter(({ to }) => to.kind === 'pod-port');
  return windows.filter((window) => toPods.some((call) => wasWatched(call, [window])));
}

/** Those who call every pod, whoever else does: their calls say nothing of a port's other callers. */
const WATCHERS: ReadonlySet<string> = new Set(['kubelet', 'prometheus']);

function isBehindService(world: World, { workload, port }: ServerPort): boolean {
  const pods = podsOf(workload);
  return servicesBefore(world, workload).some((service) =>
    service.ports.some((each) => each.protocol === 'TCP' && containerPorts(each, pods).includes(port)),
  );
}

function evidenceOf(callers: readonly Call[], windows: readonly ObservationWindow[]): PortEvidence {
  const kinds = callers.flatMap((call) => call.evidence.map(({ kind }) => kind));
  if (kinds.includes('exercised') || callers.some((call) => wasWatched(call, windows))) return 'observed';
  if (kinds.some((kind) => kind !== 'inferred')) return 'declared';
  return kinds.length > 0 ? 'inferred' : 'none';
}

const STRENGTH = { none: 0, inferred: 1, declared: 2, observed: 3, exercised: 3 } as const satisfies Record<
  PortEvidence,
  number
>;

/** Whether evidence is at least as strong as asked for; `inferred` is the one wish that a port without calls meets. */
export function satisfies(evidence: PortEvidence, wanted: EvidenceKind): boolean {
  return wanted === 'inferred' || STRENGTH[evidence] >= STRENGTH[wanted];
}
