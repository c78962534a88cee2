import { asBoolean, asList, asNumber, asText, at } from '../../lib/json.ts';
import { compareBy, groupBy } from '../../lib/order.ts';
import { CONTROLLER_KINDS, KIND } from '../kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../kubernetes/object.ts';
import { derivedFrom, holding, notes } from './derived.ts';
import { known, unknown, type Fact } from './fact.ts';
import { foldOf } from './fold-pods.ts';
import { oncePerNamespace } from './object-world.ts';
import { readPodShape } from './pod-shape.ts';
import { controllerOf, isOwned, ownerIndex, rootOwner } from './workload-owners.ts';
import { cohortsOfPods, workloadOfPods } from './workload-of-pods.ts';
import type { Cohort, Workload } from './workload.ts';
import type { World } from './world.ts';

const byInputs = notes<{ readonly inputs: readonly unknown[]; readonly workloads: readonly Workload[] }>();

/** The workloads of a namespace: controllers, jobs, pods that nobody owns; sorted by kind and name. */
export function workloadsIn(world: World, namespace: string): readonly Workload[] {
  return workloadsByNamespace(world, namespace);
}

/** All workloads of the world, sorted by namespace, kind and name. */
export function workloadsOf(world: World): readonly Workload[] {
  return derivedFrom(world, allWorkloads);
}

function allWorkloads(world: World): readonly Workload[] {
  return world.namespaces().flatMap((namespace) => workloadsIn(world, namespace));
}

/** The workload of that name, or undefined. */
export function findWorkload(
  world: World,
  ref: { readonly namespace: string; readonly kind: string; readonly name: string },
): Workload | undefined {
  const named = derivedFrom(workloadsIn(world, ref.namespace), byName).get(ref.name);
  return named?.find((workload) => workload.kind === ref.kind);
}

function byName(workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> {
  return groupBy(workloads, ({ name }) => name);
}

/** A world made by a change shares the lists that the change left alone; so their workloads are shared too. */
function keptOrComputed(world: World, namespace: string): readonly Workload[] {
  const pods = world.listIn(KIND.pod, namespace);
  const gaps = [KIND.pod, ...CONTROLLER_KINDS].map((kind) => world.listIn(kind, namespace).gap);
  const controlled = [KIND.pod, ...CONTROLLER_KINDS].map((kind) => world.listIn(kind, namespace).objects);
  const inputs = [...controlled, ...otherTemplates(world, namespace), ...gaps];
  const kept = byInputs.get(pods.objects);
  const same = kept?.inputs.length === inputs.length && kept.inputs.every((input, index) => input === inputs[index]);
  if (pods.objects.length > 0 && kept !== undefined && same) return kept.workloads;
  const workloads = computeWorkloads(world, namespace);
  if (pods.objects.length > 0) byInputs.set(pods.objects, { inputs, workloads });
  return workloads;
}

const workloadsByNamespace = oncePerNamespace(keptOrComputed);

function computeWorkloads(world: World, namespace: string): readonly Workload[] {
  const pods = world.listIn(KIND.pod, namespace);
  const owners = ownerIndex(world, namespace);
  const podsByOwner = groupBy(pods.objects, (pod) => rootOwner(pod, owners));
  const ofKnownKinds = CONTROLLER_KINDS.flatMap((kind) => world.listIn(kind, namespace).objects);
  const controllers = [...ofKnownKinds, ...otherControllers(world, namespace)].filter(
    (object) => !isOwned(object, owners),
  );
  const found = new Set<string>();
  const workloads = controllers.filter(runsPods).map((object) => {
    const key = `${object.kind}/${object.metadata.name}`;
    found.add(key);
    return keptController(world, object, podsByOwner.get(key) ?? []);
  });
  for (const [key, group] of podsByOwner) if (!found.has(key)) workloads.push(workloadOfPods(world, key, group));
  return holding(
    workloads.sort(
      compareBy(
        (workload) => workload.kind,
        (workload) => workload.name,
      ),
    ),
  );
}

const FAMILIAR: ReadonlySet<Kind> = new Set<Kind>([...CONTROLLER_KINDS, KIND.pod]);

/** Objects of kinds that nothing here knows but that hold a pod template (DeploymentConfig, operators' own kinds). */
function otherControllers(world: World, namespace: string): readonly KubeObject[] {
  return otherTemplates(world, namespace).flat();
}

/** Those objects by kind; kinds without one are left out, so that their objects may change. */
function otherTemplates(world: World, namespace: string): readonly (readonly KubeObject[])[] {
  return world
    .kinds()
    .filter((kind) => !FAMILIAR.has(kind))
    .map((kind) => derivedFrom(world.listIn(kind, namespace).objects, withTemplates))
    .filter((objects) => objects.length > 0);
}

function withTemplates(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter(({ spec }) => asList(at(spec, 'template', 'spec', 'containers')).length > 0);
}

/** A ReplicaSet scaled to zero with no owner runs nothing and is left behind by somebody. */
function runsPods(object: KubeObject): boolean {
  return at(object.spec, 'template') !== undefined || object.kind === 'CronJob' || object.kind === 'Rollout';
}

interface KeptWorkload {
  readonly pods: readonly KubeObject[];
  readonly gap: string | undefined;
  readonly basis: World['coverage']['basis'];
  readonly workload: Workload;
}

const controllers = notes<KeptWorkload>();

/** A change in a namespace leaves most of its workloads as they were: the same object with the same pods is the same one. */
function keptController(world: World, object: KubeObject, pods: readonly KubeObject[]): Workload {
  const { gap } = world.listIn(KIND.pod, object.metadata.namespace ?? '');
  const { basis } = world.coverage;
  const kept = controllers.get(object);
  const isSame = kept?.gap === gap && kept?.basis === basis && kept.pods.length === pods.length;
  if (isSame && kept.pods.every((pod, index) => pod === pods[index])) return kept.workload;
  const workload = fromController(world, object, pods);
  controllers.set(object, { pods, gap, basis, workload });
  return workload;
}

function fromController(world: World, object: KubeObject, pods: readonly KubeObject[]): Workload {
  const namespace = object.metadata.namespace ?? '';
  const raw = templateOf(object);
  const template = readPodShape(at(raw, 'metadata'), at(raw, 'spec'));
  const gap = world.listIn(KIND.pod, namespace).gap;
  const declared = world.coverage.basis === 'declared' && pods.length === 0;
  const live: Fact<readonly Cohort[]> = declared
    ? known([])
    : gap === undefined || pods.length > 0
      ? known(cohortsOfPods(pods))
      : unknown(gap);
  const schedule = asText(at(object.spec, 'schedule'));
  const managedBy = managerOf(object);
  return {
    namespace,
    kind: object.kind,
    name: object.metadata.name,
    serviceAccount: template.serviceAccount,
    template,
    replicas: replicasOf(object, pods),
    live,
    next: { id: 'next', state: 'next', pods: 0, ready: 0, pod: template },
    suspended: asBoolean(at(object.spec, 'suspend')) === true,
    object,
    ...(schedule === undefined ? {} : { schedule }),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
}

function templateOf(object: KubeObject): unknown {
  return object.kind === 'CronJob' ? at(object.spec, 'jobTemplate', 'spec', 'template') : at(object.spec, 'template');
}

function replicasOf(object: KubeObject, pods: readonly KubeObject[]): Fact<number> {
  const running = pods.reduce((sum, pod) => sum + foldOf(pod).pods, 0);
  switch (object.kind) {
    case 'DaemonSet':
      return known(asNumber(at(object.status, 'desiredNumberScheduled')) ?? running);
    case 'CronJob':
      return known(running);
    case 'Job':
      return known(asNumber(at(object.spec, 'parallelism')) ?? 1);
    default:
      return known(asNumber(at(object.spec, 'replicas')) ?? 1);
  }
}

/** Who keeps writing the object, by the labels that tools leave on what they manage. */
function managerOf(object: KubeObject): string | undefined {
  const owner = controllerOf(object);
  if (owner !== undefined) return `${owner.kind} ${owner.name}`;
  const { labels, annotations } = object.metadata;
  if (labels['kustomize.toolkit.fluxcd.io/name'] !== undefined) return 'Flux';
  if (annotations['argocd.argoproj.io/tracking-id'] !== undefined) return 'Argo CD';
  if (annotations['meta.helm.sh/release-name'] !== undefined) return 'Helm';
  return labels['app.kubernetes.io/managed-by'];
}
