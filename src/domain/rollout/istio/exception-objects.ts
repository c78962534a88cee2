import { asObject, at } from '../../../lib/json.ts';
import { groupBy, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector } from '../../kubernetes/label-selector.ts';
import { parsePeerAuthentication, type PeerAuthentication } from '../../mesh/istio/mtls/peer-authentication.ts';
import type { ApplyStep } from '../../world/step.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { alsoSelected, isOurs, MANAGED_LABELS, nameFor, selectorLabels } from '../objects/generated-objects.ts';
import { readersOf } from './read-by-revisions.ts';
import { takenNames } from '../objects/taken-names.ts';

/** A container port that has to keep taking plaintext, with the callers that it is for. */
export interface ExceptedPort {
  readonly workload: Workload;
  readonly port: number;
  /** One for each caller, as `shop/CronJob/report: plaintext (run), observed`. */
  readonly waitsFor: readonly string[];
}

/** The objects that keep these ports PERMISSIVE, and what is in their way. */
export interface ExceptionObjects {
  readonly steps: readonly ApplyStep[];
  readonly blockedBy: readonly Obstacle[];
  readonly notes: readonly string[];
}

interface Excepted {
  readonly workload: Workload;
  readonly ports: readonly number[];
}

/**
 * One PeerAuthentication for each workload, with modes for ports only: the workload's own mode stays inherited. Of
 * several that select a pod only the oldest counts, so workloads whose labels overlap share the one with the widest
 * selector.
 */
export function exceptionObjects(world: World, ports: readonly ExceptedPort[]): ExceptionObjects {
  const steps: ApplyStep[] = [];
  const blockedBy: Obstacle[] = [];
  const notes: string[] = [];
  const excepted = [...groupBy(ports, ({ workload }) => formatWorkload(workload)).values()].flatMap((group) => {
    const workload = group[0]?.workload;
    return workload === undefined ? [] : [{ workload, ports: group.map(({ port }) => port) }];
  });
  for (const sharing of overlapping(world, excepted)) {
    const widest = sharing.find((each) => sharing.every((other) => isWider(each.workload, other.workload)));
    if (widest === undefined) {
      blockedBy.push(noneIsWidest(sharing));
      continue;
    }
    const name = nameFor(world, widest.workload, 'exceptions');
    const step = exceptionObject(world, name, { ...widest, ports: sharing.flatMap((each) => each.ports) });
    const rival = sharing.map(({ workload }) => whyNoException(world, workload, name)).find((why) => why !== undefined);
    const obstacle = rival ?? takenNames(world, [step])[0];
    if (obstacle === undefined) steps.push(step);
    else blockedBy.push(obstacle);
    const others = alsoSelected(world, widest.workload);
    if (others.length > 0) {
      const names = others.map(formatWorkload).join(', ');
      notes.push(`${name} also holds for the pods of ${names}, which carry the same labels.`);
    }
  }
  return { steps, blockedBy, notes };
}

/** The workloads in groups: those whose objects would select a pod of today together stand in one. */
function overlapping(world: World, excepted: readonly Excepted[]): readonly (readonly Excepted[])[] {
  const groups: Excepted[][] = [];
  for (const each of excepted) {
    const met = groups.filter((group) => group.some((other) => shareAPod(world, each.workload, other.workload)));
    for (const group of met) groups.splice(groups.indexOf(group), 1);
    groups.push([...met.flat(), each]);
  }
  return groups;
}

function shareAPod(world: World, left: Workload, right: Workload): boolean {
  if (left.namespace !== right.namespace) return false;
  return workloadsIn(world, left.namespace).some((workload) =>
    cohortsOf(workload).some(({ pod }) => selects(left, pod.labels) && selects(right, pod.labels)),
  );
}

function selects(workload: Workload, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selectorLabels(workload)).every(([key, value]) => labels[key] === value);
}

/** Whether all pods that the right one's labels select are selected by the left one's. */
function isWider(left: Workload, right: Workload): boolean {
  return selects(left, selectorLabels(right));
}

function noneIsWidest(sharing: readonly Excepted[]): Obstacle {
  const names = sharing.map(({ workload }) => formatWorkload(workload)).join(' and ');
  return {
    kind: 'object',
    what: `exceptions for ${names} would select some pods together, and of two policies only the older one counts`,
    remedy: 'give their pod templates labels that tell them apart, or write one PeerAuthentication for all of them',
  };
}

/** Keeps the ports that an earlier plan left open in the object, because applying it again replaces the list. */
function exceptionObject(world: World, name: string, { workload, ports }: Excepted): ApplyStep {
  const existing = world.get({ kind: KIND.peerAuthentication, namespace: workload.namespace, name });
  const kept = existing !== undefined && isOurs(existing) ? asObject(at(existing.spec, 'portLevelMtls')) : undefined;
  const open = sortedUnique([...Object.keys(kept ?? {}), ...ports.map(String)]);
  return {
    step: 'apply',
    manifest: {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name, namespace: workload.namespace, labels: MANAGED_LABELS },
      spec: {
        selector: { matchLabels: selectorLabels(workload) },
        portLevelMtls: Object.fromEntries(open.map((port) => [port, { mode: 'PERMISSIVE' }])),
      },
    },
  };
}

/** Of several policies with a selector only the oldest counts, so ours would be in force only by chance. */
function whyNoException(world: World, workload: Workload, name: string): Obstacle | undefined {
  if (Object.keys(selectorLabels(workload)).length === 0) {
    return {
      kind: 'object',
      what: `${formatWorkload(workload)} has no labels by which a policy could select its pods`,
      remedy: 'give its pod template a label of its own',
    };
  }
  const rival = workloadPolicies(world, workload).find((policy) => policy.name !== name);
  if (rival === undefined) return undefined;
  return {
    kind: 'object',
    what: `PeerAuthentication ${workload.namespace}/${rival.name} selects the pods of ${formatWorkload(workload)} already`,
    remedy: 'add the ports there as portLevelMtls PERMISSIVE, because a second object would not count',
  };
}

/** The PeerAuthentications with a selector that picks pods of the workload, as far as a control plane reads them. */
export function workloadPolicies(world: World, workload: Workload): readonly PeerAuthentication[] {
  return world
    .listIn(KIND.peerAuthentication, workload.namespace)
    .objects.filter((object) => readersOf(world, object) !== 'none')
    .map(parsePeerAuthentication)
    .filter(
      ({ hasSelector, selector }) =>
        hasSelector && cohortsOf(workload).some(({ pod }) => matchesSelector(selector, pod.labels)),
    );
}
