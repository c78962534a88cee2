import { istio } from '../../mesh/istio/istio.ts';
import { formatRef, refOf } from '../../kubernetes/object.ts';
import { cohortsOf, formatWorkload, type Cohort, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { admitsEverybody } from '../istio/enforced-allow.ts';
import { stateOf, type Planning } from '../planning.ts';
import type { Exempt, MeshLists } from './lists.ts';
import { placedWorkloads } from './membership.ts';

/** What an allow-nothing policy for the whole mesh covers, with the proxies that carry other people's traffic. */
export interface DenyCover extends MeshLists {
  /** Gateways with an enforced ALLOW of their own. */
  readonly gateways: readonly Workload[];
  readonly waypoints: readonly Workload[];
}

/**
 * Which workloads an allow-nothing policy in the root namespace covers: ready are those before which an ALLOW is
 * enforced in every cohort already, exempt those where one of them admits everybody. A gateway is covered like any
 * workload; without an ALLOW it is in no list. Source: istio pilot/pkg/model/policyattachment.go, ShouldAttachPolicy.
 */
export function denyCover(planning: Planning): DenyCover {
  const { world } = planning;
  const lists = { ready: [], exempt: [], outside: [], none: [], gateways: [], waypoints: [] } as {
    readonly [List in keyof DenyCover]: DenyCover[List][number][];
  };
  for (const { workload, membership } of placedWorkloads(world)) {
    if (membership.kind === 'outside') lists.outside.push(workload);
    if (membership.kind === 'waypoint') lists.waypoints.push(workload);
    if (membership.kind === 'unknown')
      lists.none.push({ workload, why: membership.why, remedy: 'find out, and plan again' });
    if (membership.kind !== 'member' && membership.kind !== 'gateway') continue;
    const isGateway = membership.kind === 'gateway';
    const open = whyOpen(world, workload);
    const exempt = exemptionOf(world, workload);
    if (open !== undefined) lists.none.push({ workload, ...reasonOf(planning, workload, { open, isGateway }) });
    else if (exempt !== undefined) lists.exempt.push(exempt);
    else if (isGateway) lists.gateways.push(workload);
    else lists.ready.push(workload);
  }
  return lists;
}

/** Why the first ALLOW would be the one of the mesh for some of its pods; undefined where one is enforced already. */
function whyOpen(world: World, workload: Workload): string | undefined {
  for (const cohort of enforcing(world, workload)) {
    const summary = istio.policies({ workload, cohort }, world);
    if (summary.default === 'unknown') return `which policies hold for it is not known: ${summary.gap ?? 'not said'}`;
    if (summary.default === 'allow') return 'no ALLOW is enforced before it, so this one would refuse all its callers';
  }
  return undefined;
}

/** Before pods without a proxy no policy is enforced, whatever there is. */
function enforcing(world: World, workload: Workload): readonly Cohort[] {
  return cohortsOf(workload).filter((cohort) => {
    const plane = istio.dataPlane(workload, cohort, world);
    return plane?.mode === 'gateway' || (plane?.captured.known === true && plane.captured.value);
  });
}

function exemptionOf(world: World, workload: Workload): Exempt | undefined {
  const policies = enforcing(world, workload).flatMap((cohort) => istio.policies({ workload, cohort }, world).policies);
  const open = policies.find(admitsEverybody);
  return open === undefined ? undefined : { workload, by: `${formatRef(refOf(open))} admits everybody`, ports: [] };
}

function reasonOf(
  planning: Planning,
  workload: Workload,
  { open, isGateway }: { readonly open: string; readonly isGateway: boolean },
): { readonly why: string; readonly remedy: string } {
  const stage = `deny-${workload.namespace}`;
  const state = stateOf(planning, stage);
  if (isGateway) {
    return {
      why: `it is a gateway, which a policy of the root namespace covers, and ${open}`,
      remedy: `apply an ALLOW for it first (selector: the labels of ${formatWorkload(workload)}; rules: the ports and hosts that outsiders may call), and plan again`,
    };
  }
  return {
    why: state === undefined ? open : `${open} (stage ${stage} is ${state})`,
    remedy:
      state === undefined
        ? 'give it an ALLOW that names its callers, and plan again'
        : `clear what is in the way of ${stage}, and plan again`,
  };
}
