import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import type { Detection } from '../../mesh/mesh.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { isServed } from '../foundations/served.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import type { ChosenLinkerd } from './choose-linkerd.ts';
import { linkerdValues, readyNodes } from './control-plane-values.ts';
import { expectedLinkerd } from './control-plane-expect.ts';
import { gatewayApiOf } from './gateway-api.ts';
import { converged } from './gates.ts';
import { CONTROL_PLANE_NAMESPACE, isBuoyant } from './linkerd-facts.ts';
import { LINKERD_CHARTS, LINKERD_KINDS, type LinkerdRelease } from './linkerd-releases.ts';

/** Id of the stage on which all enrolment rests. */
export const CONTROL_PLANE_STAGE = 'control-plane';

/** What the control plane is to be. */
export interface Planned {
  readonly chosen: ChosenLinkerd;
  /** Whether the CNI plugin captures in place of an init container. */
  readonly needsCni: boolean;
}

/** Plans the control plane: done where one runs, Helm's charts where there is none, blocked where that cannot be told. */
export function planControlPlane(planning: Planning, detection: Detection, planned: Planned): void {
  const parts: StageParts = {
    id: CONTROL_PLANE_STAGE,
    kind: 'control-plane',
    title: 'Control plane',
    why: 'Proxies get their certificates, their policy and their peers from it.',
    doesNotChange: 'No pod is injected: nothing asks for it yet.',
    dependsOn: planned.needsCni ? ['trust', 'node-agents'] : ['trust'],
    evidence: detection.evidence,
  };
  switch (detection.state) {
    case 'active':
    case 'installed-unused':
    case 'external':
      addStage(planning, { ...parts, notes: notesOfExisting(planning.world, detection) }, 'done');
      return;
    case 'absent':
    case 'remnant':
      if (isBuoyant(planning.world)) addStage(planning, { ...parts, blockedBy: [ofBuoyant()] }, 'blocked');
      else install(planning, parts, planned);
      return;
    case 'orphaned':
    case 'unknown':
      addStage(planning, { ...parts, blockedBy: [undecided(planning.world, detection)] }, 'blocked');
  }
}

function notesOfExisting(world: World, { state, version }: Detection): readonly string[] {
  const which = version.known ? ` ${version.value}` : '';
  return [
    `Linkerd${which} is here already (${state}); nothing is installed, and none of its values is changed.`,
    ...(isBuoyant(world)
      ? [
          "It is Buoyant's distribution: upgrades, values and certificates are its operator's or its own charts' to change.",
        ]
      : []),
  ];
}

function ofBuoyant(): Obstacle {
  return {
    kind: 'platform',
    what: "definitions of Buoyant's operator are here: it installs and upgrades the control plane",
    remedy: 'have it install the control plane (kind ControlPlane), and plan again',
  };
}

/** Kinds that tell whether Linkerd is there. */
const TELLING: readonly Kind[] = [KIND.deployment, KIND.mutatingWebhook, KIND.pod];

function undecided(world: World, { state }: Detection): Obstacle {
  const gaps = TELLING.flatMap((kind) => {
    const { gap } = world.list(kind);
    return gap === undefined ? [] : [`${kind.slice(kind.lastIndexOf('/') + 1)}: ${gap}`];
  });
  const missing = gaps.length === 0 ? '' : ` (${gaps.join('; ')})`;
  return {
    kind: 'platform',
    what:
      state === 'orphaned'
        ? `pods run proxies of Linkerd, and no control plane was found${missing}`
        : `whether Linkerd is installed could not be read${missing}`,
    remedy: 'read Deployments, Pods and MutatingWebhookConfigurations of all namespaces, and plan again',
  };
}

function install(planning: Planning, parts: StageParts, { chosen, needsCni }: Planned): void {
  const { release, warnings } = chosen;
  planning.warnings.push(...warnings);
  const values = linkerdValues(planning.world, { release, needsCni });
  const gatewayApi = gatewayApiOf(planning.world, release);
  const step: ExternalStep = {
    step: 'external',
    title: `Helm installs the charts linkerd-crds and linkerd-control-plane ${release.chart}`,
    commands: [...gatewayApi.commands, ...helmCommands(planning.world, release)],
    expect: expectedLinkerd(release, values.decoded),
    expectKinds: [...LINKERD_KINDS, ...gatewayApi.kinds],
  };
  writeStage(planning, {
    parts: {
      ...parts,
      blockedBy: gatewayApi.blockedBy,
      notes: [...installNotes(release), ...values.notes, ...gatewayApi.notes, ...warnings],
      exitGate: [converged(), linkerdCheck()],
      abort: [noPodsFail()],
      helmValues: [{ file: 'linkerd-values.yaml', values: values.helm }],
    },
    trial: tryNow(planning, parts.id, [step]),
    state: 'ready',
    undo: [uninstall()],
    timeToEffect: 'minutes (helm uninstall linkerd-control-plane, then linkerd-crds)',
    validWhile: 'no workload is enrolled',
    irreversible: [
      'the namespace linkerd stays, with the certificates in it',
      'deleting the definitions of linkerd-crds deletes every object of Linkerd',
      ...(gatewayApi.commands.length > 0 ? ['the Gateway API definitions stay: others may use them by then'] : []),
    ],
    toleratesUnknown: true,
  });
  if (readyNodes(planning.world) === 0)
    planning.warnings.push(
      'how many nodes there are is not known: three replicas of each component of Linkerd need three',
    );
}

function installNotes(release: LinkerdRelease): readonly string[] {
  return [
    `Linkerd ${release.line} (${release.version}), charts ${release.chart}. Only edge releases are published freely; stable builds come from vendors.`,
    'Definitions first, then the control plane: linkerd-control-plane does not start without them. There are no revisions: an upgrade replaces the control plane, and proxies follow when their pods restart.',
    "The injector webhook fails open at first (webhookFailurePolicy: Ignore): a pod that is made while no injector can be reached starts without a proxy, and the gate of its wave finds it. Turn it to Fail when three injectors run on three nodes, kube-system stays excluded (it is, by the webhook's selector), and the first wave is through; then no pod starts anywhere else while all injectors are away.",
  ];
}

function linkerdCheck(): Condition {
  return {
    id: 'linkerd-check',
    text: 'linkerd check passes: certificates, webhooks, and cluster networks that hold every node, pod and Service address.',
    command: ['linkerd', 'check'],
  };
}

/** With cert-manager the anchor is in a ConfigMap that is there before; else Helm is handed it. */
function helmCommands(world: World, { chart }: LinkerdRelease): readonly (readonly string[])[] {
  const anchor = isServed(world, 'cert-manager.io/Certificate') ? [] : ['--set-file', 'identityTrustAnchorsPEM=ca.crt'];
  const helm = (release: string, ...more: readonly string[]): readonly string[] => [
    ...['helm', 'upgrade', '--install', release, release, '--repo', LINKERD_CHARTS, '--version', chart],
    ...['--namespace', CONTROL_PLANE_NAMESPACE, '--create-namespace', ...more, '--wait'],
  ];
  return [
    ['linkerd', 'check', '--pre'],
    helm('linkerd-crds', '--set', 'installGatewayAPI=false'),
    helm('linkerd-control-plane', '--values', 'linkerd-values.yaml', ...anchor),
    ['linkerd', 'check'],
  ];
}

/** Undoes what Helm installed, last release first. */
function uninstall(): ExternalStep {
  const title =
    'Helm uninstalls linkerd-control-plane, then linkerd-crds. Only while nothing is injected: the first command must find no pod. A pod whose identity controller is gone gets no certificate any more after a day.';
  return {
    step: 'external',
    title,
    commands: [
      ['kubectl', 'get', 'pods', '-A', '-l', 'linkerd.io/control-plane-ns,!linkerd.io/control-plane-component'],
      ['helm', 'uninstall', 'linkerd-control-plane', '--namespace', CONTROL_PLANE_NAMESPACE, '--wait'],
      ['helm', 'uninstall', 'linkerd-crds', '--namespace', CONTROL_PLANE_NAMESPACE, '--wait'],
    ],
    expect: [],
    expectKinds: [],
  };
}
