import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject, Origin } from '../../kubernetes/object.ts';
import { cniAgents } from '../../mesh/linkerd/capture.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { ChosenLinkerd } from './choose-linkerd.ts';
import { linkerdFacts } from './linkerd-facts.ts';
import { LINKERD_CHARTS } from './linkerd-releases.ts';

/** Id of the stage that puts the CNI plugin on the nodes. */
export const NODE_AGENTS_STAGE = 'node-agents';

const CNI_NAMESPACE = 'linkerd-cni';
const LEVELS: ReadonlySet<string> = new Set(['baseline', 'restricted']);
const ORIGIN: Origin = { from: 'assumed', by: NODE_AGENTS_STAGE };

/**
 * The Pod Security level that a namespace enforces, where it refuses linkerd-init (which asks for NET_ADMIN and NET_RAW).
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 */
export function refusesInitContainer(world: World, namespace: string): string | undefined {
  const level = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels[
    'pod-security.kubernetes.io/enforce'
  ];
  return level !== undefined && LEVELS.has(level) ? level : undefined;
}

/** Whether some namespace of a plan lets no init container capture its pods' traffic. */
export function needsNodeAgent(world: World, namespaces: readonly string[]): boolean {
  return namespaces.some((namespace) => refusesInitContainer(world, namespace) !== undefined);
}

/** What is in the way of a wave in a namespace whose level refuses the init container. */
export function podSecurityObstacles(world: World, namespace: string): readonly Obstacle[] {
  const level = refusesInitContainer(world, namespace);
  const { cniEnabled } = linkerdFacts(world);
  if (level === undefined || (cniEnabled.known && cniEnabled.value && cniAgents(world).objects.length > 0)) return [];
  return [
    {
      kind: 'platform',
      what: `namespace ${namespace} enforces Pod Security ${level}, which refuses the container linkerd-init`,
      remedy:
        'install chart linkerd2-cni, set cniEnabled for the control plane, restart what is enrolled, and plan again',
    },
  ];
}

/** Plans the CNI plugin, which comes before the control plane; done where it runs already. */
export function planNodeAgents(planning: Planning, { release }: ChosenLinkerd): void {
  const parts = {
    id: NODE_AGENTS_STAGE,
    kind: 'node-agents',
    title: 'Node agents',
    why: 'A namespace enforces a Pod Security level that refuses the init container; the CNI plugin does its work instead.',
    doesNotChange: 'No running pod changes. A broken agent stops every pod start on its node.',
    dependsOn: ['trust'],
    notes: [
      'It comes before the control plane, whose chart is then told cniEnabled: true.',
      'Roll it out on one labelled node pool first, then node by node. A pod that starts on a node without the plugin waits in linkerd-network-validator, and fails: it never runs uncaptured.',
      'With Cilium set cni.exclusive: false first, or Cilium takes the plugin out of the chain again. Calico and others need nothing.',
      'Where nodes are added by an autoscaler, keep a taint on new nodes until the agent is ready there.',
    ],
    abort: [noPodsFail()],
  } as const;
  if (cniAgents(planning.world).objects.length > 0) {
    addStage(planning, parts, 'done');
    return;
  }
  writeStage(planning, {
    parts: {
      ...parts,
      exitGate: [agentsReady()],
      helmValues: [{ file: 'cni-values.yaml', values: { inboundProxyPort: 4143, outboundProxyPort: 4140 } }],
    },
    trial: tryNow(planning, NODE_AGENTS_STAGE, [installStep(release.chart)]),
    state: 'ready',
    undo: [
      {
        step: 'external',
        title:
          'Helm uninstalls the chart linkerd2-cni. Only while nothing is injected: new pods could not be captured.',
        commands: [['helm', 'uninstall', 'linkerd-cni', '--namespace', CNI_NAMESPACE, '--wait']],
        expect: [],
        expectKinds: [],
      },
    ],
    timeToEffect: 'minutes (helm uninstall linkerd-cni)',
    validWhile: 'no workload is enrolled, and the control plane does not count on it',
    toleratesUnknown: true,
  });
}

function agentsReady(): Condition {
  return {
    id: 'agents-ready',
    text: 'The agent is ready on every node.',
    command: ['linkerd', 'check', '--pre', '--linkerd-cni-enabled'],
    state: {
      check: 'available',
      objects: [{ kind: KIND.daemonSet, namespace: CNI_NAMESPACE, name: 'linkerd-cni' }],
    },
  };
}

function installStep(chart: string): ExternalStep {
  return {
    step: 'external',
    title: `Helm installs the chart linkerd2-cni ${chart}`,
    commands: [
      [
        ...['helm', 'upgrade', '--install', 'linkerd-cni', 'linkerd2-cni', '--repo', LINKERD_CHARTS],
        ...['--version', chart, '--namespace', CNI_NAMESPACE, '--create-namespace'],
        ...['--values', 'cni-values.yaml', '--wait'],
      ],
      ['kubectl', 'rollout', 'status', 'daemonset/linkerd-cni', '-n', CNI_NAMESPACE],
    ],
    expect: [...expectedAgent()],
    expectKinds: [],
  };
}

/** The chart's list of ports that stay out is empty, other than that of the init container. */
function expectedAgent(): readonly KubeObject[] {
  const labels = { 'k8s-app': 'linkerd-cni', 'linkerd.io/cni-resource': 'true' };
  const meta = { namespace: CNI_NAMESPACE, labels, annotations: {}, ownerReferences: [] };
  const spec = {
    serviceAccountName: 'linkerd-cni',
    containers: [{ name: 'install-cni', image: 'cr.l5d.io/linkerd/cni-plugin' }],
  };
  const cni = { 'inbound-ports-to-ignore': '', 'outbound-ports-to-ignore': '' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: CNI_NAMESPACE,
        labels: { 'linkerd.io/cni-resource': 'true', 'config.linkerd.io/admission-webhooks': 'disabled' },
        annotations: { 'linkerd.io/inject': 'disabled' },
        ownerReferences: [],
      },
      origin: ORIGIN,
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...meta, name: 'linkerd-cni-config' },
      origin: ORIGIN,
      decoded: { cni },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { ...meta, name: 'linkerd-cni' },
      origin: ORIGIN,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { hostNetwork: true, ...spec } },
      },
    },
  ];
}
