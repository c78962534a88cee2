import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { ApplyStep } from '../../world/step.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { OWN_PORTS } from '../proxy-ports.ts';
import { tryNow } from '../planning.ts';
import { refusedCalls } from '../refused-callers.ts';
import type { Server } from './authorization-parts.ts';
import type { Part } from './authorization-parts.ts';
import { type UnknownOutcome, unknownAt } from '../obstacles/shared-obstacles.ts';
import type { Cutting } from './cutting.ts';
import { foreignCatchAlls } from './authorization-objects.ts';
import { selectorLabels } from '../objects/generated-objects.ts';
import { notDenied, silentPorts } from './in-force.ts';
import { decidedByRequest, hungOnRequest } from './on-the-wire.ts';

/** Policies of others that a catch-all would take the force from. */
export function foreignObstacles(servers: readonly Server[]): readonly Obstacle[] {
  return servers.flatMap(({ workload, foreign }): readonly Obstacle[] =>
    foreign.length === 0
      ? []
      : [
          {
            kind: 'object',
            what: `${foreign.join(', ')} is an enforced ALLOW that holds for ${formatWorkload(workload)}: a rule that admits everybody would open it`,
            remedy:
              'replay its calls against that policy, and bring the policy under the plan or take the workload out of the namespace',
          },
        ],
  );
}

/** Catch-alls of others: deny by default refuses nobody as long as they are there. */
export function foreignCatchAllObstacles(world: World, servers: readonly Server[]): readonly Obstacle[] {
  const names = sortedUnique(servers.flatMap(({ workload }) => foreignCatchAlls(world, workload)));
  return names.map((name) => ({
    kind: 'object',
    what: `${name} admits everybody, and no plan wrote it: it has to go first`,
    remedy:
      'once the catch-all of the plan and the allow rules are in force, delete it: that changes nothing for anybody, because the catch-all of the plan admits everybody as well. Then plan again',
  }));
}

/** Servers that no policy could select. */
export function unselectable(part: Part, servers: readonly Server[]): readonly Obstacle[] {
  if (part !== 'shadow') return [];
  return servers
    .filter(
      ({ workload, callers }) =>
        callers.rules.length + callers.open.length > 0 && Object.keys(selectorLabels(workload)).length === 0,
    )
    .map(({ workload }) => ({
      kind: 'object' as const,
      what: `${formatWorkload(workload)} has no labels by which a policy could select its pods`,
      remedy: 'give its pod template a label of its own',
    }));
}

/** An unread ALLOW would make the catch-all open what is shut, and an unread DENY refuse whom a rule names. */
export function unreadPolicies(world: World, { namespace, facts }: Cutting): readonly Obstacle[] {
  const { gap } = world.listIn(KIND.authorizationPolicy, namespace);
  const reason = gap ?? world.listIn(KIND.authorizationPolicy, facts.rootNamespace).gap;
  if (reason === undefined) return [];
  return [{ kind: 'object', what: `other policies may hold as well: ${reason}`, remedy: 'read them, and plan again' }];
}

/** What stands in the way of a deny, and what is told of it beside that. */
export interface DenyOutcome extends UnknownOutcome {
  /** Calls whose requests are judged by policies of others, before as after. */
  readonly theirs: readonly string[];
}

/**
 * Calls to ports that will admit callers by name only, and of which nobody can say whether they pass; and ports that
 * would not refuse a stranger afterwards, whatever the reason.
 */
export function undecided(
  { planning, rule, namespace }: Cutting,
  servers: readonly Server[],
  step: ApplyStep,
): DenyOutcome {
  const trial = tryNow(planning, `deny-${namespace}`, [step]);
  const open = openIn(servers);
  const closes = (server: Workload, port: number): boolean =>
    !OWN_PORTS[planning.input.target](port) && open.get(formatWorkload(server))?.includes(port) === false;
  const { blockedBy, notes } = unknownAt(
    planning,
    trial,
    (server, port, each) => closes(server, port) && !hungOnRequest(each, trial.world),
  );
  return {
    blockedBy: [...blockedBy, ...stillAdmitting({ rule }, servers, trial.world)],
    notes,
    theirs: decidedByRequest(planning, trial, closes),
  };
}

/** Ports that deny by default would leave to strangers in that world, though no known caller needs that. */
export function stillAdmitting(
  { rule }: Pick<Cutting, 'rule'>,
  servers: readonly Server[],
  world: World,
): readonly Obstacle[] {
  const open = openIn(servers);
  return notDenied(
    world,
    { servers: servers.map(({ workload }) => workload), rule },
    (server, port) => open.get(formatWorkload(server))?.includes(port) === true,
  );
}

function openIn(servers: readonly Server[]): ReadonlyMap<string, readonly number[]> {
  return new Map(servers.map(({ workload, callers }) => [formatWorkload(workload), callers.open]));
}

/** Names the servers that nobody calls, and the ports that nobody calls of the others, as notes. */
export function withoutCallers({ planning, rule }: Cutting, servers: readonly Server[]): readonly string[] {
  const { world } = planning;
  const isRefused = (workload: Workload): boolean =>
    refusedCalls(planning, rule.ports.get(formatWorkload(workload)) ?? []).length > 0;
  const silent = servers.filter(
    ({ workload, callers, foreign }) =>
      foreign.length === 0 && callers.rules.length + callers.open.length === 0 && !isRefused(workload),
  );
  const others = servers.filter((server) => !silent.includes(server));
  const called = new Map(
    others.map(({ workload, callers }) => [
      formatWorkload(workload),
      [...callers.open, ...callers.rules.flatMap(({ ports }) => ports)],
    ]),
  );
  const ports = silentPorts(
    world,
    { servers: others.map(({ workload }) => workload), rule },
    (workload, port) => called.get(formatWorkload(workload))?.includes(port) === true,
  );
  if (silent.length === 0) return ports;
  const names = silent.map(({ workload }) => formatWorkload(workload)).join(', ');
  return [`Without any caller, and refused to everybody afterwards: ${names}.`, ...ports];
}

/** Ports that admit everybody, as rows of the exception register. */
export function openPorts({ workload, callers }: Server): readonly Exception[] {
  if (callers.open.length === 0) return [];
  return [
    {
      workload: workloadRef(workload),
      layer: 'authorization',
      ports: callers.open,
      reason: 'a known caller shows no identity there, so the port admits everybody',
      owner: ownerToBeNamed(workload),
      expires: 'when these callers send mutual TLS',
    },
  ];
}
