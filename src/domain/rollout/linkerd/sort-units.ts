import { sortedUnique } from '../../../lib/order.ts';
import { isKnownCall } from '../../calls/call.ts';
import { formatSource } from '../../calls/call-id.ts';
import type { AccessPolicy } from '../../mesh/linkerd/policy/access-policy.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { cuttingEvidence } from '../cutting-evidence.ts';
import type { JudgedPort } from '../evidence-rule.ts';
import { tryNow } from '../planning.ts';
import type { World } from '../../world/world.ts';
import type { WorseCall } from '../simulate-stage.ts';
import { undecidedCalls } from '../undecided-calls.ts';
import type { LinkerdCutting } from './cutting.ts';
import { earlyCallers } from './early-callers.ts';
import { isStrict, whyNotStrict } from './port-policy.ts';
import { serverStep, type ServerUnit, type Units } from './server-units.ts';

/** What STRICT makes of each port of a namespace. */
export interface Sorted {
  /** Ports that take mutual TLS alone already. */
  readonly done: readonly ServerUnit[];
  readonly ready: readonly ServerUnit[];
  readonly excepted: readonly ExceptedUnit[];
  /** Ports of which too little is known. */
  readonly lacking: readonly ServerUnit[];
  /** Ports that let somebody in without an identity whatever their Server says, or may. */
  readonly pierced: readonly PiercedUnit[];
}

/** A port that no `accessPolicy` closes, and why. */
export interface PiercedUnit {
  readonly unit: ServerUnit;
  readonly why: string;
}

/** A port that keeps today's policy, and for whom. */
export interface ExceptedUnit {
  readonly unit: ServerUnit;
  /** One for each caller. */
  readonly waitsFor: readonly string[];
}

/** What asks for an identity, and else as much as today. */
export function withIdentity(access: AccessPolicy): AccessPolicy {
  if (access === 'all-unauthenticated' || access === 'audit') return 'all-authenticated';
  return access === 'cluster-unauthenticated' ? 'cluster-authenticated' : access;
}

/** Sorts the ports by what STRICT would do to their calls, and by what is known of their callers. */
export function sortUnits(cutting: LinkerdCutting, { units }: Units): Sorted {
  const { planning, rule } = cutting;
  const { world } = planning;
  const isDone = (unit: ServerUnit): boolean =>
    unit.existing !== undefined && eachPort(unit).every(([workload, port]) => isStrict(world, workload, port));
  const open = units.filter((unit) => !isDone(unit));
  const steps = open.flatMap((unit) => serverStep(world, unit, withIdentity(unit.access)));
  const alone = tryNow(planning, `strict-${cutting.namespace}`, steps);
  const undecided = undecidedCalls(planning, alone).filter(({ call }) => isKnownCall(call));
  const worse = [...alone.worse, ...undecided];
  const excepted = open.flatMap((unit): readonly ExceptedUnit[] => {
    const hits = worse.filter(({ call }) => isAt(cutting, unit, call.id));
    const waits = sortedUnique([...waitsFor(hits), ...earlyCallers(planning, unit)]);
    return waits.length === 0 ? [] : [{ unit, waitsFor: waits }];
  });
  const kept = open.filter((unit) => !excepted.some((each) => each.unit === unit));
  const pierced = kept.flatMap((unit) => piercedBy(alone.world, unit));
  const rest = kept.filter((unit) => !pierced.some((each) => each.unit === unit));
  const lacking = rest.filter((unit) => {
    const evidence = cuttingEvidence(judgedPorts(rule, unit), rule, planning.input);
    return evidence.state === 'outline';
  });
  const ready = rest.filter((unit) => !lacking.includes(unit));
  return { done: units.filter(isDone), ready, excepted, lacking, pierced };
}

/** A Server brings every policy on it, on its namespace and on its routes to life, and each of them only adds. */
function piercedBy(world: World, unit: ServerUnit): readonly PiercedUnit[] {
  const whys = eachPort(unit).flatMap(([workload, port]) => whyNotStrict(world, workload, port) ?? []);
  return whys.length === 0 ? [] : [{ unit, why: sortedUnique(whys).join('; ') }];
}

/** Each container port of a unit with its workload. */
export function eachPort({ workloads, ports }: ServerUnit): readonly (readonly [Workload, number])[] {
  return workloads.flatMap((workload) => ports.map((port) => [workload, port] as const));
}

/** What is known of the callers of a unit's ports. */
export function judgedPorts(rule: LinkerdCutting['rule'], unit: ServerUnit): readonly JudgedPort[] {
  return unit.workloads.flatMap((workload) =>
    (rule.ports.get(formatWorkload(workload)) ?? []).filter(({ port }) => unit.ports.includes(port.port)),
  );
}

function isAt({ planning }: LinkerdCutting, unit: ServerUnit, callId: string): boolean {
  const names = new Set(unit.workloads.map(formatWorkload));
  return (planning.index.servers.get(callId) ?? []).some(
    ({ workload, port }) => names.has(formatWorkload(workload)) && unit.ports.includes(port),
  );
}

function waitsFor(hits: readonly WorseCall[]): readonly string[] {
  return sortedUnique(
    hits.map(({ call, after }) => `${formatSource(call.from)}: ${after.wire} (${call.phase}): ${after.why}`),
  );
}
