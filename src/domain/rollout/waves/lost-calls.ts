import { formatWorkload, type Workload } from '../../world/workload.ts';
import { hasEnded } from '../choices.ts';
import { tryNow, type Planning } from '../planning.ts';
import type { Trial, WorseCall } from '../simulate-stage.ts';
import type { Step } from '../../world/step.ts';

/** Known calls of which nobody can say any more that they pass, because of an object that begins to act with a wave. */
export interface LostCalls {
  /** Those for which nobody stands. */
  readonly blocking: readonly WorseCall[];
  /** Those of servers that somebody waives, each as a paragraph. */
  readonly notes: readonly string[];
}

/** Kinds that do nothing until a proxy obeys them, and of which not all is followed here. */
const OBJECT =
  /\b(?:VirtualService|DestinationRule|EnvoyFilter|WasmPlugin|Sidecar|ServiceEntry|Gateway|Telemetry|ProxyConfig|TrafficExtension|AuthorizationPolicy|RequestAuthentication|HTTPRoute|GRPCRoute|ServiceProfile|Server) [a-z0-9]/;

/**
 * Sorts out the known calls that a wave turns unknown where an object is what nobody can follow. Doubts about the
 * protocol of a port and the like stay a question of the wave's entry gate.
 */
export function lostFrom(planning: Planning, { worse }: Pick<Trial, 'worse'>): LostCalls {
  const lost = worse.filter(({ after }) => after.verdict === 'unknown' && OBJECT.test(after.why));
  const waived = lost.flatMap((each) => {
    const waiver = waiverOf(planning, each);
    return waiver === undefined ? [] : [{ each, waiver }];
  });
  return {
    blocking: lost.filter((each) => !waived.some((other) => other.each === each)),
    notes: waived.map(
      ({ each: { call, after }, waiver: { owner, expires, reason } }) =>
        `Waived by ${owner} until ${expires}: nobody can say whether ${call.id} passes afterwards: ${after.why}. ${reason}`,
    ),
  };
}

function waiverOf({ input: { choices, world }, index }: Planning, { call }: WorseCall) {
  const { asOf } = world;
  const servers = (index.servers.get(call.id) ?? []).map(({ workload }) => formatWorkload(workload));
  return choices.waivers.find(
    ({ what, expires }) =>
      asOf.known &&
      !hasEnded(expires, asOf.value) &&
      servers.length > 0 &&
      servers.every((server) => server === what || server.startsWith(`${what}/`)),
  );
}

/** Members of a wave that lose a known call by themselves; if each alone loses none, all of them. */
export function losing(
  planning: Planning,
  { workloads, trial }: { readonly workloads: readonly Workload[]; readonly trial: Trial },
  steps: (workloads: readonly Workload[]) => readonly Step[],
): readonly Workload[] {
  if (lostFrom(planning, trial).blocking.length === 0) return [];
  const alone = workloads.filter(
    (workload) => lostFrom(planning, tryNow(planning, 'trial', steps([workload]))).blocking.length > 0,
  );
  return alone.length > 0 ? alone : workloads;
}
