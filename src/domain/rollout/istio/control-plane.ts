import type { Detection } from '../../mesh/mesh.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { ObjectRef } from '../../kubernetes/object.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { Condition, Obstacle } from '../plan.ts';
import { addStage, holds, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { chooseRelease, type ChosenRelease } from './choose-release.ts';
import { planNodeAgents } from './control-plane-agents.ts';
import {
  CONTROL_PLANE_NAMESPACE,
  expectedControlPlane,
  REVISION_TAG,
  type DataPlaneNeed,
} from './control-plane-expect.ts';
import { gatewayApiSteps } from './control-plane-gateway-api.ts';
import { helmPlane } from './control-plane-helm.ts';
import { ambientObstacles, undecided } from './control-plane-obstacles.ts';
import { managedPlane } from './control-plane-managed.ts';
import { planAmbientUpgrade } from './control-plane-upgrade.ts';
import {
  helmUninstall,
  helmUpgrade,
  istiodValues,
  LOOK_FOR_AMBIENT,
  LOOK_FOR_SIDECARS,
} from './control-plane-values.ts';
import { converged } from './gates.ts';
import { noPodsFail } from '../gates/any-mesh.ts';
import { ISTIO_KINDS } from './istio-releases.ts';

/** Id of the stage on which all enrolment rests. */
export const CONTROL_PLANE_STAGE = 'control-plane';

/**
 * Plans the control plane for sidecars: done where one runs, Helm's charts where there is none, blocked where that
 * cannot be told. `needsCni` adds the node agent, for namespaces that refuse the init container.
 */
export function planControlPlane(planning: Planning, detection: Detection, needsCni: boolean): void {
  planFor(planning, detection, needsCni ? 'sidecar-with-cni' : 'sidecar');
}

/**
 * Plans the control plane for ambient mode, with the CNI agent and ztunnel as stages of their own: stages
 * `control-plane`, `node-agents-first` (where there are nodes enough to try on some first) and `node-agents`. In an
 * istiod that runs without it, it is switched on where one Helm release alone says how that istiod is set up; any other
 * is blocked: its values are its owner's.
 */
export function planAmbientControlPlane(planning: Planning, detection: Detection): void {
  planFor(planning, detection, 'ambient');
}

function planFor(planning: Planning, detection: Detection, need: DataPlaneNeed): void {
  const parts: StageParts = {
    id: CONTROL_PLANE_STAGE,
    kind: 'control-plane',
    title: 'Control plane',
    why:
      need === 'ambient'
        ? 'ztunnel and waypoints get their certificates and their configuration from istiod.'
        : 'Proxies get their certificates and their configuration from istiod.',
    doesNotChange:
      need === 'ambient'
        ? 'No pod is taken into the mesh: nothing asks for it yet.'
        : 'No pod is injected: nothing asks for it yet.',
    dependsOn: ['trust'],
    evidence: detection.evidence,
  };
  switch (detection.state) {
    case 'active':
    case 'installed-unused':
    case 'external':
      keep(planning, parts, { detection, need });
      return;
    case 'absent':
    case 'remnant':
      install(planning, parts, need);
      return;
    case 'orphaned':
    case 'unknown':
      addStage(planning, { ...parts, blockedBy: [undecided(planning.input.world, detection)] }, 'blocked');
  }
}

interface Found {
  readonly detection: Detection;
  readonly need: DataPlaneNeed;
}

/** A control plane that is there is kept; in ambient mode it must serve that already, or be made to by its own release. */
function keep(planning: Planning, parts: StageParts, { detection, need }: Found): void {
  const { world } = planning;
  const managed = managedPlane(world);
  const missing = need === 'ambient' ? ambientObstacles(world, managed?.ambient) : [];
  const helm = missing.length === 0 || managed !== undefined ? undefined : helmPlane(world);
  if (helm?.known === true) {
    const ready = available(controlPlanes(world).map(({ ref }) => ref));
    const state = planAmbientUpgrade(planning, { ...parts, exitGate: [converged(), ready] }, helm.value);
    if (holds(state)) planAgentsOf(planning, need);
    return;
  }
  const blockedBy = helm === undefined ? missing : missing.map((one) => withReason(one, helm.reason));
  const notes = [
    `Istio is here already (${detection.state}); nothing is installed.`,
    ...(managed === undefined ? [] : [managed.note]),
  ];
  addStage(
    planning,
    { ...parts, notes, blockedBy, exitGate: [converged(), ...readyPlanes(world)] },
    blockedBy.length > 0 ? 'blocked' : 'done',
  );
  if (blockedBy.length > 0 || need === 'sidecar') return;
  if (need === 'sidecar-with-cni' && managed !== undefined) return;
  planAgentsOf(planning, need);
}

/** The obstacle with why this plan does not take it away itself. */
function withReason(obstacle: Obstacle, reason: string): Obstacle {
  if (obstacle.what.includes(reason)) return obstacle;
  return { ...obstacle, what: `${obstacle.what}; Helm is not told to change that here: ${reason}` };
}

/** The node agents that go with the control plane that is there, of its version. */
function planAgentsOf(planning: Planning, need: DataPlaneNeed): void {
  const { world } = planning;
  const [plane] = controlPlanes(world);
  planNodeAgents(planning, {
    namespace: plane?.namespace ?? CONTROL_PLANE_NAMESPACE,
    version: plane?.version ?? chooseRelease(world, planning.input.meshVersion).version,
    ...(plane === undefined || plane.revision === 'default' ? {} : { revision: plane.revision }),
    need,
  });
}

function readyPlanes(world: World): readonly Condition[] {
  const objects = controlPlanes(world).map(({ ref }) => ref);
  return objects.length === 0 ? [] : [istiodReady(objects)];
}

function install(planning: Planning, parts: StageParts, need: DataPlaneNeed): void {
  const release = chooseRelease(planning.world, planning.input.meshVersion);
  planning.warnings.push(...release.warnings);
  const values = istiodValues(release, need);
  const gatewayApi = need === 'ambient' ? gatewayApiSteps(planning.world) : [];
  const steps = [...gatewayApi, charts(release, { values, need })];
  const istiod: ObjectRef = {
    kind: KIND.deployment,
    namespace: CONTROL_PLANE_NAMESPACE,
    name: `istiod-${release.revision}`,
  };
  const state = writeStage(planning, {
    parts: {
      ...parts,
      notes: installNotes(release, need),
      exitGate: [converged(), istiodReady([istiod])],
      abort: [noPodsFail()],
      helmValues: [
        { file: 'base-values.yaml', values: { defaultRevision: release.revision } },
        { file: 'istiod-values.yaml', values },
      ],
    },
    trial: tryNow(planning, parts.id, steps),
    state: 'ready',
    timeToEffect: 'minutes (helm uninstall istiod, then base)',
    undo: [
      helmUninstall(
        'Helm uninstalls istiod, then base.',
        [`istiod-${release.revision}`, 'istio-base'],
        [LOOK_FOR_SIDECARS, ...(need === 'ambient' ? LOOK_FOR_AMBIENT : [])],
      ),
    ],
    validWhile: 'no workload is enrolled',
    irreversible: [
      'the namespace istio-system stays, with what others put there',
      'custom resource definitions stay after helm uninstall; deleting them deletes every object of theirs',
    ],
    toleratesUnknown: true,
  });
  const { version, revision } = release;
  if (need !== 'sidecar' && holds(state))
    planNodeAgents(planning, { namespace: CONTROL_PLANE_NAMESPACE, version, revision, need });
}

function installNotes({ version, revision, warnings, support }: ChosenRelease, need: DataPlaneNeed): readonly string[] {
  return [
    `Istio ${version}, revision ${revision}, revision tag ${REVISION_TAG}. Upgrades move the tag. ${support}`,
    'Order: base (definitions, and the validating webhook by defaultRevision), istiod with its revision and tag, and nothing labelled yet. A namespace that asks by istio.io/rev must not carry istio-injection: that label wins.',
    'The injection webhook fails closed: while istiod is away, no pod that asks for injection can start. Two replicas and a PodDisruptionBudget are part of the values.',
    ...(need === 'ambient'
      ? [
          'A node that joins later must not take pods before its agents are ready: where nodes scale, let the node pool set the taint cni.istio.io/not-ready and set taint.enabled: true in the values of istiod, which takes it away again.',
        ]
      : []),
    ...warnings,
  ];
}

interface Charts {
  readonly values: Readonly<Record<string, unknown>>;
  readonly need: DataPlaneNeed;
}

function charts(release: ChosenRelease, { values, need }: Charts): ExternalStep {
  const { version, revision } = release;
  return {
    step: 'external',
    title: `Helm installs the charts base and istiod ${version}`,
    commands: [
      helmUpgrade({ release: 'istio-base', chart: 'base', file: 'base-values.yaml' }, version),
      helmUpgrade({ release: `istiod-${revision}`, chart: 'istiod', file: 'istiod-values.yaml' }, version),
      ['kubectl', 'get', 'deployments', '-n', CONTROL_PLANE_NAMESPACE, '-l', 'app=istiod'],
    ],
    expect: expectedControlPlane(release, values, need),
    expectKinds: ISTIO_KINDS,
  };
}

function istiodReady(objects: readonly ObjectRef[]): Condition {
  const ready = available(objects);
  return {
    ...ready,
    text: 'istiod is available with two replicas.',
    state: { check: 'available', objects, atLeast: 2 },
  };
}

function available(objects: readonly ObjectRef[]): Condition {
  const [first] = objects;
  return {
    id: 'istiod-ready',
    text: 'istiod is available.',
    state: { check: 'available', objects },
    command: [
      ...['kubectl', 'rollout', 'status', `deployment/${first?.name ?? 'istiod'}`],
      ...['-n', first?.namespace ?? CONTROL_PLANE_NAMESPACE, '--timeout=5m'],
    ],
  };
}
