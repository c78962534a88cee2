import { KIND } from '../../kubernetes/kinds.ts';
import type { ApplyStep } from '../../world/step.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { ownerToBeNamed } from '../exception-owner.ts';
import type { Exception, Obstacle } from '../plan.ts';
import { isAgentPort } from '../evidence-rule.ts';
import { tryNow } from '../planning.ts';
import type { Part, Server } from './authorization-texts.ts';
import { unknownAt, type UnknownOutcome } from './closed-ports.ts';
import type { Cutting } from './cutting.ts';
import { selectorLabels } from './generated-objects.ts';

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

/** Calls to ports that will admit callers by name only, and of which nobody can say whether they pass. */
export function undecided({ planning }: Cutting, servers: readonly Server[], step: ApplyStep): UnknownOutcome {
  const open = new Map(servers.map(({ workload, callers }) => [formatWorkload(workload), callers.open]));
  const closes = (server: Workload, port: number): boolean =>
    !isAgentPort(port) && open.get(formatWorkload(server))?.includes(port) === false;
  return unknownAt(planning, tryNow(planning, 'trial', [step]), closes);
}

/** Names the servers that nobody calls, as a note. */
export function withoutCallers(servers: readonly Server[]): readonly string[] {
  const silent = servers.filter(
    ({ callers, foreign }) => foreign.length === 0 && callers.rules.length + callers.open.length === 0,
  );
  if (silent.length === 0) return [];
  return [
    `Without any caller, and refused to everybody afterwards: ${silent.map(({ workload }) => formatWorkload(workload)).join(', ')}.`,
  ];
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
