import { usageError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { refOf } from '../kubernetes/object.ts';
import { controlPlanes, injectionWebhooks } from '../mesh/istio/control-plane.ts';
import { revisionsServed } from '../mesh/istio/injection/webhook.ts';
import { istio } from '../mesh/istio/istio.ts';
import { ztunnels } from '../mesh/istio/node-agents.ts';
import { linkerdControlPlanes } from '../mesh/linkerd/control-plane.ts';
import { linkerd } from '../mesh/linkerd/linkerd.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { admitPod, dataPlaneOf } from '../mesh/registry.ts';
import { isStatic } from '../mesh/static-pods.ts';
import { applyChange } from '../world/apply.ts';
import type { Step } from '../world/step.ts';
import { cohortsOf } from '../world/workload.ts';
import { workloadsIn, workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { AssumedSteps, AssumingMesh } from './assumption.ts';

/** Labels and annotations that ask a mesh to take a namespace's pods; null takes one away that would say otherwise. */
interface Marks {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Namespaces of Kubernetes itself, which no mesh takes in by itself. */
const KUBERNETES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

const AMBIENT: Marks = {
  labels: { 'istio.io/dataplane-mode': 'ambient', 'istio-injection': null, 'istio.io/rev': null },
};
const LINKERD: Marks = { annotations: { 'linkerd.io/inject': 'enabled' } };

/**
 * The marks that put a namespace, or all but those of Kubernetes and of the control plane, into the mesh, and new pods
 * for all that runs there. Throws a usage error for a namespace that is not there, and where Istio runs in both of its
 * modes, so that nobody can tell which is meant.
 */
export function enrolmentSteps(world: World, mesh: AssumingMesh, namespace: string | undefined): AssumedSteps {
  const namespaces = namespace === undefined ? allBut(world, ownNamespaces(world)) : [theNamespace(world, namespace)];
  const isAmbient = mesh === 'istio' && runsAmbient(world);
  const marked = namespaces.map((name) => ({
    name,
    steps: isMarkable(world, name) ? [markStep(world, name, marksFor(world, name, { mesh, isAmbient }))] : [],
  }));
  const restarts = namespaces.flatMap((name) => restartsIn(world, name));
  const steps = [...marked.flatMap((each) => each.steps), ...restarts];
  const unread = marked.filter((each) => each.steps.length === 0).map(({ name }) => name);
  const into = mesh === 'linkerd' ? 'Linkerd' : isAmbient ? 'Istio (ambient)' : 'Istio (sidecars)';
  return {
    steps,
    notes: [
      `marked for ${into}: ${String(namespaces.length - unread.length)} of ${String(world.namespaces().length)} namespaces, and their pods made anew`,
      ...(namespace === undefined ? [`left out: ${[...KUBERNETES, ...ownNamespaces(world)].join(', ')}`] : []),
      ...(unread.length === 0 ? [] : [`not marked, because their labels were not read: ${unread.join(', ')}`]),
      ...optedOut(world, { steps, namespaces, mesh }),
    ],
  };
}

function theNamespace(world: World, name: string): string {
  const there = world.namespaces();
  if (there.includes(name)) return name;
  const near = nearest(name, there);
  throw usageError(
    'unknown-namespace',
    `--assume enrol-all=${name.slice(0, 100)}: nothing was read of that namespace`,
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    `there are: ${there.join(', ')}`,
  );
}

function allBut(world: World, own: readonly string[]): readonly string[] {
  return world.namespaces().filter((name) => !KUBERNETES.has(name) && !own.includes(name));
}

function ownNamespaces(world: World): readonly string[] {
  const planes = [...controlPlanes(world), ...linkerdControlPlanes(world)].map(({ namespace }) => namespace);
  const agents = ztunnels(world).agents.map(({ metadata }) => metadata.namespace ?? '');
  return [...new Set([...planes, ...agents])].filter((name) => !KUBERNETES.has(name)).sort();
}

function runsAmbient(world: World): boolean {
  if (ztunnels(world).agents.length === 0) return false;
  const isInjected = workloadsOf(world).some((workload) =>
    cohortsOf(workload).some((cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mode === 'sidecar'),
  );
  if (!isInjected) return true;
  throw usageError(
    'two-modes',
    '--assume enrol-all: Istio runs here with sidecars and in ambient mode, and which one is meant is not said',
    'lay Namespaces with the labels that you mean over the world with --overlay',
  );
}

/** What was not read must not look as if it had no other labels. */
function isMarkable(world: World, name: string): boolean {
  return world.get({ kind: KIND.namespace, name }) !== undefined || world.list(KIND.namespace).gap === undefined;
}

interface Into {
  readonly mesh: AssumingMesh;
  readonly isAmbient: boolean;
}

function marksFor(world: World, name: string, { mesh, isAmbient }: Into): Marks {
  if (mesh === 'linkerd') return LINKERD;
  return isAmbient ? AMBIENT : sidecarMarks(world, name);
}

/** The first label with which pods would be injected; the plain one where none is known to work. */
function sidecarMarks(world: World, name: string): Marks {
  const [plain, ...revisions] = [undefined, ...revisionsServed(injectionWebhooks(world))].map(byRevision);
  const pod = workloadsIn(world, name)[0]?.template;
  const works = (marks: Marks): boolean => {
    if (pod === undefined) return false;
    const trial = applyChange(world, { id: 'trial', steps: [markStep(world, name, marks)] }, admitPod).world;
    return istio.enrolment(name, { ...pod, labels: {}, annotations: {} }, trial).decision === 'inject';
  };
  return [plain, ...revisions].find((marks) => marks !== undefined && works(marks)) ?? byRevision(undefined);
}

function byRevision(revision: string | undefined): Marks {
  const mode = { 'istio.io/dataplane-mode': null };
  if (revision === undefined) return { labels: { ...mode, 'istio-injection': 'enabled', 'istio.io/rev': null } };
  return { labels: { ...mode, 'istio-injection': null, 'istio.io/rev': revision } };
}

function markStep(world: World, name: string, marks: Marks): Step {
  const target = { kind: KIND.namespace, name };
  if (world.get(target) !== undefined) {
    return { step: 'patch', target, patch: { metadata: { ...marks } }, why: 'assumed to be in the mesh' };
  }
  const labels = Object.entries(marks.labels ?? {}).filter((pair): pair is [string, string] => pair[1] !== null);
  const metadata = { name, labels: Object.fromEntries(labels), annotations: marks.annotations ?? {} };
  return { step: 'apply', manifest: { apiVersion: 'v1', kind: 'Namespace', metadata } };
}

function restartsIn(world: World, namespace: string): readonly Step[] {
  return workloadsIn(world, namespace)
    .filter((workload) => !isStatic(workload))
    .map(({ object, kind, name }) => ({
      step: 'restart' as const,
      workload: { ...refOf(object), kind, name, namespace },
      method: 'rollout-restart' as const,
    }));
}

interface Enrolled {
  readonly steps: readonly Step[];
  readonly namespaces: readonly string[];
  readonly mesh: AssumingMesh;
}

/** Workloads that the marks do not bring in: labels of their own, the host's network. */
function optedOut(world: World, { steps, namespaces, mesh }: Enrolled): readonly string[] {
  const marks = steps.filter(({ step }) => step !== 'restart');
  const after = applyChange(world, { id: 'marks', steps: marks }, admitPod).world;
  const seam: Mesh = mesh === 'istio' ? istio : linkerd;
  const count = namespaces
    .flatMap((name) => workloadsIn(after, name))
    .filter((workload) => {
      const isIn = cohortsOf(workload).some(
        (cohort) => dataPlaneOf(workload, cohort, world).dataPlane.mesh === seam.id,
      );
      return !isIn && seam.enrolment(workload.namespace, workload.template, after).decision === 'skip';
    }).length;
  return count === 0
    ? []
    : [
        count === 1
          ? "1 workload stays out all the same, by its own labels or the host's network"
          : `${String(count)} workloads stay out all the same, by their own labels or the host's network`,
      ];
}
