import { formatRef, refOf } from '../../kubernetes/object.ts';
import { formatWorkload, workloadRef, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Exception } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { refOfManifest } from '../rollback-steps.ts';
import { meshServers } from '../ways-out.ts';
import { ambientConverged, policiesBlock } from './ambient-gates.ts';
import { ambientStanding } from './ambient-standing.ts';
import { portIsolation, type PortIsolation } from './port-isolation.ts';
import { tunnelPolicies, type TunnelPolicy } from './tunnel-policies.ts';

/** Id of the stage that lets HBONE pass the NetworkPolicies of a namespace. */
export function tunnelStageId(namespace: string): string {
  return `tunnel-${namespace}`;
}

/**
 * Plans, before the waves, what NetworkPolicies of each namespace need; nothing where they isolate no member. It is a
 * stage of its own, because a wave may be applied in any order, and no pod may be captured before 15008 is admitted.
 * Gives the ids of these stages.
 */
export function planTunnels(planning: Planning, members: ReadonlyMap<string, readonly Workload[]>): readonly string[] {
  const servers = behindZtunnel(planning.world, [...members.values()].flat());
  return [...members].flatMap(([namespace, workloads]) => planTunnel(planning, namespace, { workloads, servers }));
}

/** Those that the plan takes in, and those that stand there already, of namespaces that it leaves alone too. */
function behindZtunnel(world: World, members: readonly Workload[]): readonly Workload[] {
  const planned = new Set(members.map(formatWorkload));
  const others = world.namespaces().flatMap((namespace) => workloadsIn(world, namespace));
  return [
    ...members,
    ...others.filter((each) => !planned.has(formatWorkload(each)) && ambientStanding(world, each).kind === 'enrolled'),
  ];
}

interface Ends {
  readonly workloads: readonly Workload[];
  readonly servers: readonly Workload[];
}

function planTunnel(planning: Planning, namespace: string, { workloads, servers }: Ends): readonly string[] {
  const policies = tunnelPolicies(planning.world, workloads, (clients) => meshServers(planning, clients, servers));
  const isolation = portIsolation(planning.world, workloads);
  if (policies.length + isolation.steps.length === 0) return [];
  const parts = tunnelParts(namespace, { policies, isolation, workloads });
  planning.exceptions.push(...parts.exceptions);
  const steps = [...isolation.missing, ...policies.flatMap(({ step, isThere }) => (isThere ? [] : [step]))];
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
    return [parts.id];
  }
  writeStage(planning, {
    parts,
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (network plugin, configuration push)',
    validWhile: `no workload of ${namespace} stands behind ztunnel`,
  });
  return [parts.id];
}

interface Found {
  readonly policies: readonly TunnelPolicy[];
  readonly isolation: PortIsolation;
  readonly workloads: readonly Workload[];
}

function tunnelParts(
  namespace: string,
  { policies, isolation, workloads }: Found,
): StageParts & { readonly exceptions: readonly Exception[] } {
  const gaps = [...isolation.gaps, ...policies.flatMap((policy) => policy.gaps)];
  return {
    id: tunnelStageId(namespace),
    kind: 'enrol',
    title: `Network policies of ${namespace}`,
    why: 'Between pods behind ztunnel all bytes go to port 15008, and the kubelet probes them from 169.254.7.127: a NetworkPolicy that admits the called ports only would cut both.',
    doesNotChange:
      'No rule that is there changes, and no peer is added: each rule admits 15008 for the peers that it names already, and one for whatever address goes to the pods alone that it leads to. Nobody listens at that port until a pod is enrolled.',
    risk: 'A policy that is not seen here (of another kind, or of the network plugin) still holds 15008 back when the wave comes.',
    dependsOn: ['node-agents'],
    scope: { namespaces: [namespace], workloads: workloads.map(workloadRef) },
    notes: [
      ...policies.map(
        ({ extended, step }) =>
          `${step.manifest.metadata.name} extends ${formatRef(refOf(extended))}, which stays as it is.`,
      ),
      ...isolation.steps.map(
        ({ manifest }) =>
          `${formatRef(refOfManifest(manifest))} tells ztunnel the ports that the NetworkPolicies admit, because whoever reaches 15008 reaches every port of the pod. It is a DENY for all other ports: it refuses nobody whom they let pass, and a new port has to be added in both places. It may go once deny-${namespace} holds.`,
      ),
      ...gaps.map(
        ({ workload, reason, expires }) => `Gap at ${formatWorkload(workload)}: ${reason}; it ends ${expires}.`,
      ),
    ],
    entryGate: [policiesBlock(namespace)],
    exitGate: [ambientConverged()],
    exceptions: gaps,
  };
}
