import { KIND } from '../../kubernetes/kinds.ts';
import { DEFAULT_INBOUND_POLICY } from '../../mesh/linkerd/names.ts';
import type { AccessPolicy } from '../../mesh/linkerd/policy/access-policy.ts';
import type { Step } from '../../world/step.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { reaches } from '../goals.ts';
import { needsStage } from '../obstacles/shared-obstacles.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Obstacle, Restart } from '../plan.ts';
import { addStage, holds, stateOf, tryNow, writeStage } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { maxParallel, restartMethod } from '../waves/restart-method.ts';
import { adminStage } from './admin-port.ts';
import { enrolledIn, outsideOf, type LinkerdCutting } from './cutting.ts';
import { converged, proxiesReady, refused, stillScraped } from './gates.ts';
import { whyLeft } from './linkerd-standing.ts';
import { formatUnit, unitsOf } from './server-units.ts';
import { notKnown } from './strict-obstacles.ts';
import { templateAnnotations } from './undo-injection.ts';
import { objectRefOf } from '../workload-object.ts';

/** Plans the default of a namespace, after every known port in it has a Server. It takes new pods. */
export function planDefault(cutting: LinkerdCutting): void {
  const { planning, namespace } = cutting;
  const isDeny = reaches(planning.input.goal, 'deny-by-default');
  const before = isDeny ? `deny-${namespace}` : `strict-${namespace}`;
  const state = stateOf(planning, before);
  if (state === undefined) return;
  const policy: AccessPolicy = isDeny ? 'deny' : 'all-authenticated';
  const servers = enrolledIn(cutting);
  const given = { policy, before, servers };
  const parts = defaultParts(cutting, given);
  const steps = stepsOf(cutting, given);
  const inTheWay = holds(state) ? obstacles(cutting, servers) : [needsStage(before)];
  if (inTheWay.length > 0) {
    addStage(planning, { ...parts, blockedBy: inTheWay }, 'outline');
  } else if (steps.length === 0) {
    addStage(planning, parts, 'done');
  } else {
    writeStage(planning, {
      parts: { ...parts, restarts: changing(given).map((workload) => restartOf(cutting, workload)) },
      trial: tryNow(planning, parts.id, steps),
      state: state === 'waived' ? 'waived' : 'ready',
      timeToEffect: 'minutes (pods restart); seconds for running pods, by their own annotation',
      validWhile: 'always: it loosens ports without a Server alone',
      irreversible: ['open connections of the restarted pods end'],
    });
  }
}

interface Default {
  readonly policy: AccessPolicy;
  /** Id of the stage that it follows. */
  readonly before: string;
  readonly servers: readonly Workload[];
}

function defaultParts(cutting: LinkerdCutting, { policy, before, servers }: Default): StageParts {
  const { planning, namespace } = cutting;
  const refs = servers.map(workloadRef);
  const exceptions = `strict-exceptions-${namespace}`;
  const after = [before, `enrol-namespace-${namespace}`, exceptions, adminStage(namespace)];
  const running = servers.filter(({ kind }) => kind !== 'CronJob').map(workloadRef);
  return {
    id: `default-${namespace}`,
    kind: 'default',
    title: `Default ${policy} in ${namespace}`,
    why: 'Every known port has a Server. What has none, and every port of a workload that comes later, follows the default of its pod: from here on that is no longer to let everybody in.',
    doesNotChange: `Ports with a Server follow their Server, as before; port 4191 has one that keeps it open to the scraper. Pods without a proxy, skipped ports and UDP are not protected.`,
    dependsOn: after.filter((id) => stateOf(planning, id) !== undefined),
    scope: { namespaces: [namespace], workloads: refs },
    notes: [
      ...lists(cutting, servers),
      'A running pod has the annotation that it was made with, and the policy controller follows that one live: the namespace alone changes new pods only, so the templates change too, and restart their pods.',
      'In an emergency the annotation of running pods opens them without a restart; then the namespace, then the templates.',
      `A service that comes later is enrolled with default ${policy}: its Server and policies come first, or it takes no call.`,
    ],
    entryGate: [converged()],
    exitGate: [
      ...(running.length === 0 ? [] : [proxiesReady(namespace, running)]),
      {
        id: 'namespace-says',
        text: `Namespace ${namespace} says ${policy}.`,
        state: {
          check: 'holds',
          object: { kind: KIND.namespace, name: namespace },
          fields: { metadata: { annotations: { [DEFAULT_INBOUND_POLICY]: policy } } },
        },
      },
      converged(),
      stillScraped(namespace),
    ],
    abort: [noPodsFail(), refused(namespace)],
  };
}

/** What the default covers, each workload in one list. */
function lists(cutting: LinkerdCutting, servers: readonly Workload[]): readonly string[] {
  const { units, odd } = unitsOf(cutting, servers);
  const list = (title: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : [`${title}: ${items.join(', ')}.`];
  const isOpen = (access: AccessPolicy): boolean => access.endsWith('unauthenticated') || access === 'audit';
  const covered = units.filter(({ existing }) => existing !== undefined);
  return [
    ...list('Ready', covered.filter(({ access }) => !isOpen(access)).map(formatUnit)),
    ...list(
      'Exempt, by a Server of an earlier stage',
      covered.filter(({ access }) => isOpen(access)).map((unit) => `${formatUnit(unit)} (${unit.access})`),
    ),
    ...list(
      'Not covered',
      odd.map(({ workload, port, why }) => `${formatWorkload(workload)} port ${String(port)} (${why})`),
    ),
    ...list(
      'Its source, or whoever writes it, changes its template; until then it keeps its default',
      servers.filter((workload) => whyLeft(workload) !== undefined).map(formatWorkload),
    ),
    ...list(
      'Not enrolled',
      outsideOf(cutting).map(({ workload, why }) => `${formatWorkload(workload)} (${why})`),
    ),
  ];
}

/** Ports that the default would shut although nobody decided who may call them. */
function obstacles(cutting: LinkerdCutting, servers: readonly Workload[]): readonly Obstacle[] {
  const { units, odd } = unitsOf(cutting, servers);
  return [
    ...units
      .filter(({ existing }) => existing === undefined)
      .map((unit): Obstacle => ({
        kind: 'evidence',
        what: `${formatUnit(unit)} has no Server, and the default would hold there`,
        remedy: 'find out who calls it, so that it gets a Server, and plan again',
      })),
    ...odd.filter(({ kind }) => kind === 'unknown').map(notKnown),
  ];
}

/** Workloads whose template still says something else, and that a plan may change. */
function changing({ policy, servers }: Default): readonly Workload[] {
  return servers.filter((workload) => {
    const written = workload.template.annotations[DEFAULT_INBOUND_POLICY];
    return whyLeft(workload) === undefined && written !== policy && written !== 'deny';
  });
}

/** Each workload with its restart, then the namespace for what comes later. */
function stepsOf({ planning, namespace }: LinkerdCutting, given: Default): readonly Step[] {
  const { policy } = given;
  const target = { kind: KIND.namespace, name: namespace };
  const home = planning.world.get(target);
  const own = changing(given).flatMap((workload): readonly Step[] => {
    const ref = objectRefOf(workload);
    const patch = templateAnnotations(ref, { [DEFAULT_INBOUND_POLICY]: policy });
    const change: Step = { step: 'patch', target: ref, patch, why: 'every known port has a Server of its own' };
    if (workload.kind === 'CronJob') return [change];
    return [change, { step: 'restart', workload: ref, method: restartMethod(planning.world, workload) }];
  });
  const said = home?.metadata.annotations[DEFAULT_INBOUND_POLICY];
  if (home === undefined || said === policy || said === 'deny') return own;
  const patch = { metadata: { annotations: { [DEFAULT_INBOUND_POLICY]: policy } } };
  return [...own, { step: 'patch', target, patch, why: 'the default of what comes later' }];
}

function restartOf({ planning }: LinkerdCutting, workload: Workload): Restart {
  const isTimed = workload.kind === 'CronJob';
  return {
    workload: workloadRef(workload),
    method: isTimed ? 'next-run' : restartMethod(planning.world, workload),
    after: [],
    maxParallel: maxParallel(workload),
    why: isTimed ? 'the next run has the new default' : 'the default of a pod is fixed when it is made',
  };
}
