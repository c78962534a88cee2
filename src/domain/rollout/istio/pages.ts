import { formatWorkload } from '../../world/workload.ts';
import type { Detection } from '../../mesh/mesh.ts';
import { istio } from '../../mesh/istio/istio.ts';
import { breakGlassNotes, controlPlaneOutlasts } from '../foundations/break-glass-texts.ts';
import { trustConditions, trustNotes } from '../foundations/trust-texts.ts';
import { rootEnds } from '../foundations/root-certificate.ts';
import { addAborts } from '../gates/abort.ts';
import { guardrailFiles } from '../operate/guardrail.ts';
import { kubernetesSupport } from '../operate/kubernetes-support.ts';
import { leftBehind } from '../operate/left-behind.ts';
import { ONBOARDING, onboardingFile } from '../operate/onboarding.ts';
import { MESH_STAGES } from '../mesh-wide/mesh-stages.ts';
import { addStage, stateOf, type Planning } from '../planning.ts';
import type { Condition, Exception } from '../plan.ts';
import type { Enrolled } from '../enrolled.ts';
import { supportOf } from './choose-release.ts';
import { meshFacts } from './mesh-facts.ts';

/** The decision about certificates, which is hard to change once proxies hold some. */
export function planTrust(planning: Planning, detection: Detection): void {
  const isHere =
    detection.state === 'active' || detection.state === 'installed-unused' || detection.state === 'external';
  const { namespace } = meshFacts(planning.world);
  addStage(
    planning,
    {
      id: 'trust',
      kind: 'trust',
      title: 'Root of trust',
      why: 'A new root, trust domain or second cluster later means a second restart of everything.',
      dependsOn: ['preflight'],
      notes: trustNotes(planning.world, namespace),
      exitGate: trustConditions(namespace),
      rollback: {
        steps: [],
        timeToEffect: 'days',
        validWhile: 'no workload is enrolled',
        undoFirst: [],
        irreversible: ['adopting another root on a live mesh is a staged plan of its own'],
      },
    },
    isHere ? 'done' : 'ready',
  );
}

/** What an operator does when a stage goes wrong, before the first one can. */
export function planBreakGlass(planning: Planning): void {
  const { target } = planning.input;
  addStage(
    planning,
    {
      id: 'break-glass',
      kind: 'break-glass',
      title: 'Break glass',
      why: 'The first incident must not be the first time that anybody looks for these commands.',
      dependsOn: ['control-plane'],
      notes: [...breakGlassNotes(target), controlPlaneOutlasts(target)],
      exitGate: [{ id: 'rehearsed', text: 'Somebody on call has run the rollback of a stage once.' }],
    },
    'ready',
  );
}

/** How much configuration each sidecar is given. */
export function planScoping(planning: Planning): void {
  addStage(
    planning,
    {
      id: 'scoping',
      kind: 'scoping',
      title: 'Scope of configuration',
      why: 'Without a scope every sidecar is given the whole cluster; in a big one proxies and istiod run out of memory.',
      dependsOn: ['control-plane'],
      notes: [
        'No Sidecar object is written: a host that one forgets turns into plaintext passthrough, which STRICT refuses. Add one per namespace after its calls were observed, as a change of its own, simulated.',
        'discoverySelectors in the mesh configuration leave out namespaces that no sidecar ever calls.',
      ],
    },
    'ready',
  );
}

/** What keeps being done afterwards; and, as no stage comes after it, what ends each of them. */
export function planOperate(planning: Planning, enrolled: Enrolled): void {
  const { input, world } = planning;
  addAborts(planning);
  const ends = enrolled.namespaces.flatMap((namespace) =>
    planning.stages.filter(({ id }) => id === `deny-${namespace}` || id === `strict-${namespace}`).map(({ id }) => id),
  );
  addStage(
    planning,
    {
      id: 'operate',
      kind: 'operate',
      title: 'Operate',
      why: 'A mesh drifts: new services, exceptions that stay, certificates and releases that end.',
      dependsOn: [...ends, ...MESH_STAGES.filter((id) => stateOf(planning, id) !== undefined)],
      notes: [
        ...calendar(planning),
        ...ONBOARDING,
        'What is born outside the mesh: guardrail-policy.yaml and guardrail-binding.yaml warn whoever makes a namespace that says nothing of the mesh, and refuse nothing. Apply them once the last namespace says it.',
        UPGRADES,
        ...leftBehind(world),
        ...planning.exceptions.map(exceptionRow),
      ],
      exitGate: [drift()],
      helmValues: [onboardingFile(meshFacts(world).trustDomain), ...guardrailFiles(input.target)],
    },
    'ready',
  );
}

const UPGRADES =
  'Upgrades install the next revision beside the old one, move the tag, restart namespace by namespace, and remove the old revision when no proxy uses it: gateways, Jobs and pods that nobody restarted are the last. Policies with the label istio.io/rev of the old revision do not hold for the new one. In ambient mode: istiod, then the CNI agent and ztunnel node pool by node pool with a drain, then waypoints.';

function calendar({ input, world }: Planning): readonly string[] {
  const { version } = istio.detect(world);
  const ends = rootEnds(world);
  const { kubernetesVersion } = input.world;
  return [
    `Calendar. ${version.known ? supportOf(version.value) : `Until when this Istio gets patches is not known: ${version.reason}.`}`,
    `Calendar. ${kubernetesVersion.known ? kubernetesSupport(kubernetesVersion.value) : `Until when this Kubernetes gets patches is not known: ${kubernetesVersion.reason}.`}`,
    `Calendar. ${ends.known ? `The root of the mesh ends at ${ends.value[0] ?? ''}: plan its rotation a year before.` : `When the root of the mesh ends was not read: ${ends.reason}.`}`,
  ];
}

function exceptionRow({ workload, layer, ports, reason, owner, expires }: Exception): string {
  const at = ports.length > 0 ? ` ${ports.join(', ')}` : '';
  return `Exception: ${formatWorkload(workload)} ${layer}${at}: ${reason}. Owner: ${owner}. Ends: ${expires}.`;
}

function drift(): Condition {
  return {
    id: 'no-drift',
    text: 'What the stages wrote is still there, every week: the command says which stage the cluster is at, and what is other than it said.',
    command: ['meshwise', 'verify', '--plan', 'PLAN'],
  };
}
