import type { Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import { acceptedOpenings } from '../accepted-openings.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import { sameValue } from '../same-value.ts';
import { meshServers } from '../ways-out.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { converged } from './gates.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';
import { standingBy } from './linkerd-standing.ts';
import { openedPolicies } from './network-policies.ts';

/**
 * Plans what NetworkPolicies of a namespace must admit before its first pod has a proxy: separate from the wave, because
 * a pod whose proxy comes first is cut off. Gives the id, or undefined where nothing is needed.
 */
export function planNetwork(planning: Planning, facts: LinkerdFacts, namespace: string): string | undefined {
  const { world, input } = planning;
  const { steps: wanted, gaps } = wantedIn(planning, facts, namespace);
  if (wanted.length === 0) return undefined;
  const steps = wanted.filter(({ manifest }) => {
    const existing = world.get({ kind: KIND.networkPolicy, namespace, name: manifest.metadata.name });
    return !sameValue(existing?.spec, manifest.spec);
  });
  const exceptions = gaps.flatMap((gap) => gap.exceptions);
  planning.exceptions.push(...exceptions);
  const id = `network-${namespace}`;
  const accepted = acceptedOpenings(
    input,
    id,
    gaps.flatMap(({ opens }) => opens),
  );
  const parts = {
    id,
    kind: 'enrol',
    title: `NetworkPolicies of ${namespace}`,
    why: 'Mutual TLS of the mesh goes to port 4143 of the pod, whatever port is called, and proxies need the control plane: policies that list ports hold both back.',
    risk: 'Once the pods have proxies, peers that are admitted to one port reach the others by mutual TLS.',
    doesNotChange:
      'No pod is isolated that was not before, and nobody is admitted who was not: the same peers, at one port more on which nobody listens yet.',
    dependsOn: ['control-plane'],
    scope: { namespaces: [namespace], workloads: [] },
    notes: [...gaps.map(({ note }) => note), ...accepted.notes],
    exceptions,
    exitGate: [converged()],
  } as const;
  if (steps.length === 0) {
    addStage(planning, parts, 'done');
    return parts.id;
  }
  writeStage(planning, {
    parts: {
      ...parts,
      blockedBy: accepted.shut.map((opens) => toDissolved(id, opens)),
    },
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'seconds (the network plugin follows)',
    validWhile: 'no workload of the namespace is enrolled',
  });
  return parts.id;
}

/** What the namespace's members need of its policies, some of which may be there. */
function wantedIn(planning: Planning, facts: LinkerdFacts, namespace: string): ReturnType<typeof openedPolicies> {
  const { world, input } = planning;
  const standing = standingBy(input.choices);
  const membersIn = (name: string): readonly Workload[] =>
    workloadsIn(world, name).filter((workload) => ['enrol', 'enrolled'].includes(standing(world, workload).kind));
  return openedPolicies(world, facts, {
    workloads: membersIn(namespace),
    servers: (clients) => meshServers(planning, clients, world.namespaces().flatMap(membersIn)),
  });
}

function toDissolved(id: string, opens: string): Obstacle {
  return {
    kind: 'object',
    what: `would open ${opens} (trap P10)`,
    remedy: `let the policy name all ports that its peers may reach, or accept the gap until the ports are denied: plan.accepts in meshwise.yaml, with stage: ${id} and opens as it stands here`,
  };
}
