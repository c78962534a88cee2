import type { Detection } from '../../mesh/mesh.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { chooseRelease, type ChosenRelease } from './choose-release.ts';
import {
  CONTROL_PLANE_NAMESPACE,
  expectedControlPlane,
  expectedNodeAgent,
  REVISION_TAG,
} from './control-plane-expect.ts';
import { converged, noPodsFail } from './gates.ts';
import { ISTIO_CHARTS, ISTIO_HUB, ISTIO_KINDS } from './istio-releases.ts';

/** Id of the stage on which all enrolment rests. */
export const CONTROL_PLANE_STAGE = 'control-plane';

/**
 * Plans the control plane: done where one runs, Helm's charts where there is none, blocked where that cannot be told.
 * `needsCni` adds the node agent, for namespaces that refuse the init container.
 */
export function planControlPlane(planning: Planning, detection: Detection, needsCni: boolean): void {
  const parts: StageParts = {
    id: CONTROL_PLANE_STAGE,
    kind: 'control-plane',
    title: 'Control plane',
    why: 'Proxies get their certificates and their configuration from istiod.',
    doesNotChange: 'No pod is injected: nothing asks for it yet.',
    dependsOn: ['trust'],
    evidence: detection.evidence,
  };
  switch (detection.state) {
    case 'active':
    case 'installed-unused':
    case 'external':
      addStage(
        planning,
        { ...parts, notes: [`Istio is here already (${detection.state}); nothing is installed.`] },
        'done',
      );
      return;
    case 'absent':
    case 'remnant':
      install(planning, parts, needsCni);
      return;
    case 'orphaned':
    case 'unknown':
      addStage(planning, { ...parts, blockedBy: [undecided(planning.input.world, detection)] }, 'blocked');
  }
}

/** Kinds that tell whether Istio is there. */
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
        ? `pods run Istio proxies, and no istiod was found${missing}`
        : `whether Istio is installed could not be read${missing}`,
    remedy: 'read Deployments, Pods and MutatingWebhookConfigurations of all namespaces, and plan again',
  };
}

function install(planning: Planning, parts: StageParts, needsCni: boolean): void {
  const release = chooseRelease(planning.world, planning.input.meshVersion);
  planning.warnings.push(...release.warnings);
  const values = istiodValues(release, needsCni);
  const step: ExternalStep = {
    step: 'external',
    title: `Helm installs the charts base and istiod ${release.version}`,
    commands: commands(release),
    expect: expectedControlPlane(release, values),
    expectKinds: ISTIO_KINDS,
  };
  writeStage(planning, {
    parts: {
      ...parts,
      notes: [
        `Istio ${release.version}, revision ${release.revision}, revision tag ${REVISION_TAG}. Upgrades move the tag.`,
        'The injection webhook fails closed: while istiod is away, no pod that asks for injection can start. Two replicas and a PodDisruptionBudget are part of the values.',
        ...release.warnings,
      ],
      exitGate: [converged(), istiodReady(release)],
      abort: [noPodsFail()],
      helmValues: [
        { file: 'base-values.yaml', values: { defaultRevision: release.revision } },
        { file: 'istiod-values.yaml', values },
      ],
    },
    trial: tryNow(planning, parts.id, [step]),
    state: 'ready',
    timeToEffect: 'minutes (helm uninstall istiod, then base)',
    undo: [uninstall('Helm uninstalls istiod, then base.', [`istiod-${release.revision}`, 'istio-base'])],
    validWhile: 'no workload is enrolled',
    irreversible: [
      'the namespace istio-system stays, with what others put there',
      'custom resource definitions stay after helm uninstall; deleting them deletes every Istio object',
    ],
    toleratesUnknown: true,
  });
  if (needsCni) installNodeAgent(planning, release);
}

function istiodReady(release: ChosenRelease) {
  const name = `deployment/istiod-${release.revision}`;
  return {
    id: 'istiod-ready',
    text: 'istiod is available with two replicas.',
    command: ['kubectl', 'rollout', 'status', name, '-n', CONTROL_PLANE_NAMESPACE, '--timeout=5m'],
  };
}

function istiodValues(release: ChosenRelease, needsCni: boolean): Readonly<Record<string, unknown>> {
  return {
    revision: release.revision,
    revisionTags: [REVISION_TAG],
    autoscaleMin: 2,
    autoscaleMax: 5,
    resources: { requests: { cpu: '500m', memory: '2Gi' } },
    global: { hub: ISTIO_HUB, defaultPodDisruptionBudget: { enabled: true } },
    meshConfig: {
      trustDomain: 'cluster.local',
      rootNamespace: CONTROL_PLANE_NAMESPACE,
      accessLogFile: '/dev/stdout',
      defaultConfig: { holdApplicationUntilProxyStarts: true },
    },
    sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, enableNamespacesByDefault: false },
    ...(needsCni ? { cni: { enabled: true } } : {}),
  };
}

function commands({ version, revision }: ChosenRelease): readonly (readonly string[])[] {
  const helm = (release: string, chart: string, file: string): readonly string[] => [
    ...['helm', 'upgrade', '--install', release, `${ISTIO_CHARTS}/${chart}`],
    ...['--version', version, '--namespace', CONTROL_PLANE_NAMESPACE, '--create-namespace'],
    ...['--values', file, '--wait'],
  ];
  return [
    helm('istio-base', 'base', 'base-values.yaml'),
    helm(`istiod-${revision}`, 'istiod', 'istiod-values.yaml'),
    ['kubectl', 'get', 'deployments', '-n', CONTROL_PLANE_NAMESPACE, '-l', 'app=istiod'],
  ];
}

/** Undoes what Helm installed, last release first. */
function uninstall(title: string, releases: readonly string[]): ExternalStep {
  return {
    step: 'external',
    title: `${title} Only while nothing is injected: the first command must find no pod. A pod whose istiod is gone gets no certificate any more, and one that asks for injection cannot start while the webhook stands without it.`,
    commands: [
      ['kubectl', 'get', 'pods', '-A', '-l', 'security.istio.io/tlsMode=istio'],
      ...releases.map((release) => ['helm', 'uninstall', release, '--namespace', CONTROL_PLANE_NAMESPACE, '--wait']),
    ],
    expect: [],
    expectKinds: [],
  };
}

function installNodeAgent(planning: Planning, { version }: ChosenRelease): void {
  const step: ExternalStep = {
    step: 'external',
    title: `Helm installs the chart cni ${version}`,
    commands: [
      [
        ...['helm', 'upgrade', '--install', 'istio-cni', `${ISTIO_CHARTS}/cni`],
        ...['--version', version, '--namespace', CONTROL_PLANE_NAMESPACE, '--values', 'cni-values.yaml', '--wait'],
      ],
      ['kubectl', 'rollout', 'status', 'daemonset/istio-cni-node', '-n', CONTROL_PLANE_NAMESPACE],
    ],
    expect: expectedNodeAgent(version),
    expectKinds: [],
  };
  writeStage(planning, {
    parts: {
      id: 'node-agents',
      kind: 'node-agents',
      title: 'Node agents',
      why: 'A namespace enforces a Pod Security level that refuses the init container; the CNI plugin does its work instead.',
      doesNotChange: 'No running pod changes. A broken agent stops every pod start on its node.',
      dependsOn: [CONTROL_PLANE_STAGE],
      notes: ['Roll it out on one labelled node pool first, then node by node; the chart takes a nodeSelector.'],
      abort: [noPodsFail()],
      helmValues: [
        {
          file: 'cni-values.yaml',
          values: {
            global: { hub: ISTIO_HUB },
            excludeNamespaces: ['kube-system'],
            repair: { enabled: true, repairPods: true },
          },
        },
      ],
    },
    trial: tryNow(planning, 'node-agents', [step]),
    state: 'ready',
    undo: [uninstall('Helm uninstalls the chart cni.', ['istio-cni'])],
    timeToEffect: 'minutes (helm uninstall istio-cni)',
    validWhile: 'no workload is enrolled',
    toleratesUnknown: true,
  });
}
