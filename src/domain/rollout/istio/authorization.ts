import { KIND } from '../../kubernetes/kinds.ts';
import type { World } from '../../world/world.ts';
import { formatWorkload } from '../../world/workload.ts';
import { sortTraps } from '../accepted-traps.ts';
import { cuttingEvidence } from '../cutting-evidence.ts';
import type { ApplyStep } from '../../world/step.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import { refusedToday } from '../refused-callers.ts';
import { sameValue } from '../same-value.ts';
import { callersPolicy, foreignAllows, namespacePolicy, progressOf } from './authorization-objects.ts';
import { callersOf } from './callers.ts';
import { bypassTraps, pastWaypoints } from './past-waypoints.ts';
import { replayNotes } from './replay.ts';
import { NO_RELAYS, relaysBefore } from './relays.ts';
import { enrolledIn, type Cutting } from './cutting.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import { laterThan, partsOf } from './authorization-texts.ts';
import type { Server } from './authorization-parts.ts';
import { ORDER, type Part } from './authorization-parts.ts';
import {
  foreignCatchAllObstacles,
  foreignObstacles,
  openPorts,
  stillAdmitting,
  undecided,
  unreadPolicies,
  unselectable,
  withoutCallers,
} from './authorization-obstacles.ts';

/** Plans shadow, catch-all, allow and deny of one namespace; only outlines where STRICT does not hold. */
export function planAuthorization(cutting: Cutting): void {
  const { planning, namespace, facts } = cutting;
  const strict = `strict-${namespace}`;
  if (stateOf(planning, strict) === undefined) return;
  if (!holds(stateOf(planning, strict))) {
    outlineFrom(cutting, 0, needsStage(strict));
    return;
  }
  if (!facts.trustDomain.known) {
    outlineFrom(cutting, 0, {
      kind: 'platform',
      what: `the trust domain is not known: ${facts.trustDomain.reason}`,
      remedy: 'read the ConfigMap of the mesh, because principals begin with it',
    });
    return;
  }
  const trustDomain = facts.trustDomain.value;
  const relayed = enrolledIn(cutting).map((workload) => ({
    workload,
    relays: cutting.plane.hasDryRun ? NO_RELAYS : relaysBefore(planning.world, workload),
  }));
  const servers = relayed.map(({ workload, relays }) => ({
    workload,
    callers: callersOf(planning, workload, { trustDomain, relays: relays.principals }),
    foreign: foreignAllows(planning.world, workload),
    pastWaypoints: pastWaypoints(planning, workload, relays),
    bypasses: bypassTraps(planning, workload, relays),
  }));
  planStages(
    cutting,
    servers,
    relayed.flatMap(({ relays }) => relays.unknown),
  );
}

function outlineFrom(cutting: Cutting, from: number, obstacle: Obstacle): void {
  for (const part of ORDER.slice(from)) {
    addStage(cutting.planning, { ...partsOf(cutting, part, []), blockedBy: [obstacle] }, 'outline');
  }
}

function planStages(cutting: Cutting, servers: readonly Server[], inTheWay: readonly Obstacle[]): void {
  const { planning, namespace, plane } = cutting;
  const progress = progressOf(planning.world, namespace);
  const named = servers.filter(
    ({ callers, foreign }) => foreign.length === 0 && callers.rules.length + callers.open.length > 0,
  );
  if (progress === 'denied') {
    for (const part of ORDER.slice(0, -1)) addStage(planning, partsOf(cutting, part, servers), 'done');
    const blockedBy = stillAdmitting(cutting, servers, planning.world);
    addStage(
      planning,
      { ...partsOf(cutting, 'deny', servers), blockedBy },
      blockedBy.length === 0 ? 'done' : 'blocked',
    );
    return;
  }
  const policies = (isDryRun: boolean): readonly ApplyStep[] =>
    named.map(({ workload, callers }) => callersPolicy(planning.world, workload, { callers, isDryRun }));
  if (plane.hasDryRun)
    writePart(cutting, servers, { part: 'shadow', steps: progress === 'none' ? policies(true) : [] });
  else addReplay(cutting, servers, { isDone: progress !== 'none', blockedBy: unselectable('shadow', servers) });
  writePart(cutting, servers, {
    part: 'allow-catch-all',
    steps: progress === 'none' ? [namespacePolicy(namespace, 'everybody')] : [],
    blockedBy: foreignObstacles(servers),
  });
  writePart(cutting, servers, { part: 'allow', steps: policies(false), blockedBy: inTheWay });
  planDeny(cutting, servers);
}

interface Replay {
  readonly isDone: boolean;
  readonly blockedBy: readonly Obstacle[];
}

/** What stands in the place of a dry run: the rules as they will be, to be held against the calls that were watched. */
function addReplay(cutting: Cutting, servers: readonly Server[], { isDone, blockedBy }: Replay): void {
  const parts = partsOf(cutting, 'shadow', servers);
  const notes = [...(parts.notes ?? []), ...replayNotes(cutting.planning, servers)];
  const exitGate = [...(parts.exitGate ?? []), ...cutting.plane.afterReplay(cutting)];
  const state = isDone ? 'done' : blockedBy.length > 0 ? 'blocked' : 'ready';
  addStage(cutting.planning, { ...parts, notes, exitGate, blockedBy }, state);
}

interface PartSteps {
  readonly part: Part;
  readonly steps: readonly ApplyStep[];
  readonly blockedBy?: readonly Obstacle[];
  readonly state?: 'ready' | 'waived';
  readonly notes?: readonly string[];
  readonly exceptions?: readonly Exception[];
}

function writePart(cutting: Cutting, servers: readonly Server[], written: PartSteps): void {
  const { planning, namespace } = cutting;
  const parts = partsOf(cutting, written.part, servers);
  const missing = (parts.dependsOn ?? []).filter((id) => !holds(stateOf(planning, id)));
  const [needed] = missing;
  if (needed !== undefined) {
    addStage(planning, { ...parts, blockedBy: [needsStage(needed)] }, 'outline');
    return;
  }
  const steps = written.steps.filter((step) => !isThere(planning.world, step));
  if (steps.length === 0 && (written.blockedBy ?? []).length === 0) {
    addStage(planning, parts, 'done');
    return;
  }
  writeStage(planning, {
    parts: {
      ...parts,
      blockedBy: [
        ...unselectable(written.part, servers),
        ...unreadPolicies(planning.world, cutting),
        ...(written.blockedBy ?? []),
      ],
      notes: [...(parts.notes ?? []), ...(written.notes ?? [])],
      exceptions: written.exceptions ?? [],
    },
    trial: tryNow(planning, parts.id, steps),
    state: written.state ?? 'ready',
    timeToEffect: 'seconds (configuration push)',
    validWhile: laterThan(written.part, namespace),
  });
}

/** Whether the world holds the object as the step would make it, so that there is nothing left to do. */
function isThere(world: World, { manifest }: ApplyStep): boolean {
  const { name, namespace, annotations } = manifest.metadata;
  const existing = world.get({
    kind: KIND.authorizationPolicy,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  });
  if (existing === undefined || !sameValue(existing.spec, manifest.spec)) return false;
  return Object.entries(annotations ?? {}).every(([key, value]) => existing.metadata.annotations[key] === value);
}

function planDeny(cutting: Cutting, servers: readonly Server[]): void {
  const { planning, namespace, rule } = cutting;
  const cut = servers.flatMap(({ workload, callers }) =>
    (rule.ports.get(formatWorkload(workload)) ?? []).filter(
      ({ port, evidence }) => evidence === 'inferred' || !callers.open.includes(port.port),
    ),
  );
  const evidence = cuttingEvidence(cut, rule, planning.input);
  const parts = partsOf(cutting, 'deny', servers);
  const refused = refusedToday(planning, cut);
  if (evidence.state === 'outline' || refused.length > 0) {
    const lacking = evidence.state === 'outline' ? evidence.blockedBy : [];
    addStage(planning, { ...parts, blockedBy: [...lacking, ...refused] }, 'outline');
    return;
  }
  const exceptions = servers.flatMap(openPorts);
  const step = namespacePolicy(namespace, 'nobody');
  const unknown = undecided(cutting, servers, step);
  const traps = sortTraps(
    planning.input,
    servers.flatMap(({ bypasses }) => bypasses),
  );
  const catchAlls = foreignCatchAllObstacles(planning.world, servers);
  writePart(cutting, servers, {
    part: 'deny',
    steps: [step],
    blockedBy: [...(catchAlls.length > 0 ? catchAlls : unknown.blockedBy), ...traps.blockedBy],
    state: unknown.notes.length > 0 ? 'waived' : evidence.state,
    notes: [
      ...traps.notes,
      ...evidence.notes,
      ...unknown.notes,
      ...unknown.theirs,
      ...withoutCallers(cutting, servers),
    ],
    exceptions,
  });
  planning.exceptions.push(...exceptions);
}
