import { enablementSelectors } from '../../mesh/istio/node-agents.ts';
import { cniAgents, whyNotEverywhere, ztunnels } from '../../mesh/istio/node-agents.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { addStage, holds, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { expectedNodeAgents, type ExpectedAgents } from './control-plane-expect.ts';
import {
  cniValues,
  helmUninstall,
  helmUpgrade,
  LOOK_FOR_AMBIENT,
  LOOK_FOR_SIDECARS,
  ztunnelValues,
  type HelmRelease,
} from './control-plane-values.ts';
import { noPodsFail } from '../gates/any-mesh.ts';

/** Id of the stage after which every node has its agents. */
export const NODE_AGENTS_STAGE = 'node-agents';

/** Id of the stage that tries the agents on the nodes that carry the label. */
export const FIRST_NODES_STAGE = 'node-agents-first';

const FIRST_NODES_LABEL = 'meshwise.io/node-agents';

/** On fewer nodes there is no pool to try them on. */
const FEWEST_NODES = 3;

/**
 * Plans what runs on every node: the CNI agent, and ztunnel in ambient mode. Done where they run everywhere; first on a
 * labelled pool where there are nodes enough; blocked where an agent is there that does not do what is needed.
 */
export function planNodeAgents(planning: Planning, agents: ExpectedAgents): void {
  const { world } = planning;
  const blockedBy = obstacles(world, agents);
  const parts = agentParts(agents);
  if (blockedBy.length > 0) {
    addStage(planning, { ...parts, blockedBy }, 'blocked');
    return;
  }
  if (runsEverywhere(world, agents)) {
    addStage(planning, { ...parts, exitGate: [ready(agents)] }, 'done');
    return;
  }
  const first = isPoolWorthwhile(world) && cniAgents(world).length === 0;
  if (first && !holds(planFirstNodes(planning, agents))) return;
  planEverywhere(planning, agents, { ...parts, dependsOn: [first ? FIRST_NODES_STAGE : 'control-plane'] });
}

function isPoolWorthwhile(world: World): boolean {
  return world.list(KIND.node).objects.length >= FEWEST_NODES;
}

function runsEverywhere(world: World, { need }: ExpectedAgents): boolean {
  const tunnels = ztunnels(world).agents;
  const running = [...cniAgents(world), ...(need === 'ambient' ? tunnels : [])];
  const isThere = cniAgents(world).length > 0 && (need !== 'ambient' || tunnels.length > 0);
  return isThere && running.every((agent) => whyNotEverywhere(world, agent) === undefined);
}

/** An agent without ambient mode is its owner's to change; what cannot be read may be there. */
function obstacles(world: World, { need }: ExpectedAgents): readonly Obstacle[] {
  const { gap } = world.list(KIND.daemonSet);
  if (gap !== undefined) {
    return [{ kind: 'platform', what: `DaemonSets were not read: ${gap}`, remedy: 'read them, and plan again' }];
  }
  return need === 'ambient' ? cniAgents(world).flatMap((agent) => withoutAmbient(world, agent)) : [];
}

function withoutAmbient(world: World, agent: KubeObject): readonly Obstacle[] {
  const name = formatRef(refOf(agent));
  const selectors = enablementSelectors(world, agent);
  if (!selectors.known) {
    return [
      {
        kind: 'platform',
        what: `${name}: ${selectors.reason}`,
        remedy: 'read ConfigMap istio-cni-config, and plan again',
      },
    ];
  }
  if (selectors.value !== undefined) return [];
  return [
    {
      kind: 'platform',
      what: `${name} runs without ambient mode`,
      remedy: 'set profile: ambient in the values of chart cni, node pool by node pool, and plan again',
    },
  ];
}

function agentParts({ need, namespace }: ExpectedAgents): StageParts {
  const isAmbient = need === 'ambient';
  return {
    id: NODE_AGENTS_STAGE,
    kind: 'node-agents',
    title: 'Node agents',
    why: isAmbient
      ? 'In ambient mode an agent on every node puts pods behind its ztunnel; a node without them lets pods start outside the mesh, where no policy holds.'
      : 'A namespace enforces a Pod Security level that refuses the init container; the CNI plugin does its work instead.',
    doesNotChange: 'No running pod changes. A broken agent stops every pod start on its node.',
    dependsOn: ['control-plane'],
    notes: [
      `Platforms differ in where CNI plugins live: add platform: gke, k3d, k3s, microk8s, minikube or openshift to the values where it is one of them${isAmbient ? `, and on GKE a ResourceQuota for system-node-critical in ${namespace}` : ''}.`,
      'Where a node joins with pods already bound to it, they may start before its agent: repair restarts such pods of sidecars, and a taint that the agent takes away keeps others waiting.',
    ],
    abort: [noPodsFail(), sandboxFails()],
  };
}

function ready({ need, namespace }: ExpectedAgents): Condition {
  const objects = names(need).map((name): ObjectRef => ({ kind: KIND.daemonSet, namespace, name }));
  return {
    id: 'agents-ready',
    text: `${names(need).join(' and ')} ${need === 'ambient' ? 'are' : 'is'} ready on every node.`,
    state: { check: 'available', objects },
    command: ['kubectl', 'get', 'daemonsets', '-n', namespace, ...names(need)],
  };
}

function names(need: ExpectedAgents['need']): readonly string[] {
  return need === 'ambient' ? ['istio-cni-node', 'ztunnel'] : ['istio-cni-node'];
}

/** A broken chain of CNI plugins shows before anything else does. */
function sandboxFails(): Condition {
  return {
    id: 'sandbox-fails',
    text: 'Pods hang in ContainerCreating: their events name FailedCreatePodSandBox and plugin type="istio-cni".',
    command: ['kubectl', 'get', 'events', '-A', '--field-selector=reason=FailedCreatePodSandBox'],
  };
}

const CNI: HelmRelease = { release: 'istio-cni', chart: 'cni', file: 'cni-values.yaml' };
const ZTUNNEL: HelmRelease = { release: 'ztunnel', chart: 'ztunnel', file: 'ztunnel-values.yaml' };

function releases({ need }: ExpectedAgents): readonly HelmRelease[] {
  return need === 'ambient' ? [CNI, ZTUNNEL] : [CNI];
}

/** The commands that install the agents and wait for them. */
function installCommands(agents: ExpectedAgents): readonly (readonly string[])[] {
  const { version, namespace, need } = agents;
  return [
    ...releases(agents).map((release) => helmUpgrade(release, version, namespace)),
    ...names(need).map((name) => [
      'kubectl',
      'rollout',
      'status',
      `daemonset/${name}`,
      '-n',
      namespace,
      '--timeout=15m',
    ]),
  ];
}

function valuesFiles({ need, revision }: ExpectedAgents, affinity: Readonly<Record<string, unknown>>) {
  return [
    { file: CNI.file, values: { ...cniValues(need, revision), ...affinity } },
    ...(need === 'ambient' ? [{ file: ZTUNNEL.file, values: { ...ztunnelValues(revision), ...affinity } }] : []),
  ];
}

/** Keeps an agent on the nodes with the label; both charts take `affinity`, and only ztunnel's a `nodeSelector`. */
const ON_FIRST_NODES = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: FIRST_NODES_LABEL, operator: 'In', values: ['first'] }] }],
      },
    },
  },
};

function planFirstNodes(planning: Planning, agents: ExpectedAgents) {
  const parts = agentParts(agents);
  const step: ExternalStep = {
    step: 'external',
    title: `Helm installs the agents ${agents.version} on the labelled nodes; put the label on one node of each pool in place of NODE`,
    commands: [['kubectl', 'label', 'node', 'NODE', `${FIRST_NODES_LABEL}=first`], ...installCommands(agents)],
    expect: [],
    expectKinds: [],
  };
  return writeStage(planning, {
    parts: {
      ...parts,
      id: FIRST_NODES_STAGE,
      title: 'Node agents on the first nodes',
      notes: [
        ...(parts.notes ?? []),
        'Let pods start and stop on these nodes for a day, drain one of them and restart one, before the agents come to the others. Enrol nothing meanwhile: elsewhere no agent would take it.',
      ],
      exitGate: [
        {
          id: 'first-nodes-ready',
          text: 'The agents are ready on every labelled node, and new pods start there.',
          state: {
            check: 'available',
            objects: names(agents.need).map((name) => ({ kind: KIND.daemonSet, namespace: agents.namespace, name })),
          },
          command: ['kubectl', 'get', 'pods', '-A', '-o', 'wide', '--field-selector=status.phase=Pending'],
        },
      ],
      helmValues: valuesFiles(agents, ON_FIRST_NODES),
    },
    trial: tryNow(planning, FIRST_NODES_STAGE, [step]),
    state: 'ready',
    undo: [undo(agents)],
    timeToEffect: 'minutes (helm uninstall, agents first take their plugin out of the chain)',
    validWhile: 'no workload is enrolled',
    toleratesUnknown: true,
  });
}

function planEverywhere(planning: Planning, agents: ExpectedAgents, parts: StageParts): void {
  const step: ExternalStep = {
    step: 'external',
    title: `Helm installs the ${agents.need === 'ambient' ? 'charts cni and ztunnel' : 'chart cni'} ${agents.version}`,
    commands: installCommands(agents),
    expect: expectedNodeAgents(agents),
    expectKinds: [],
  };
  writeStage(planning, {
    parts: { ...parts, exitGate: [ready(agents)], helmValues: valuesFiles(agents, {}) },
    trial: tryNow(planning, NODE_AGENTS_STAGE, [step]),
    state: 'ready',
    undo: [undo(agents)],
    timeToEffect: 'minutes (helm uninstall, agents first take their plugin out of the chain)',
    validWhile: 'no workload is enrolled',
    toleratesUnknown: true,
  });
}

function undo(agents: ExpectedAgents): ExternalStep {
  const { need } = agents;
  const installed = releases(agents).map(({ release }) => release);
  return helmUninstall(`Helm uninstalls ${[...installed].reverse().join(', then ')}.`, [...installed].reverse(), [
    ...(need === 'ambient' ? LOOK_FOR_AMBIENT : []),
    LOOK_FOR_SIDECARS,
  ]);
}
