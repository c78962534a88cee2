import { asNumber, asObject, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { groupOf, refOf, type Kind, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { oncePer } from '../../world/derived.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { podWebhooks, type PodWebhook } from './pod-webhooks.ts';
import { imageVersion, type Signature } from './signature.ts';

/** A workload of a mesh's control plane. */
export interface ControlPlane {
  readonly ref: ObjectRef;
  /** Whether a replica answers; a manifest that does not say otherwise counts as one that will. */
  readonly ready: boolean;
  readonly version?: string;
}

/** Everything in a world that points to one mesh. */
export interface Signs {
  readonly planes: readonly ControlPlane[];
  readonly webhooks: readonly PodWebhook[];
  /** Workloads with a pod, or a template, that carries its proxy; and how many live pods do. */
  readonly proxied: {
    readonly workloads: readonly Workload[];
    readonly pods: number;
    readonly versions: readonly string[];
  };
  readonly definitions: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
  /** Namespaces that carry one of its labels. */
  readonly labelled: readonly KubeObject[];
}

/** What in the world points to the mesh; looked for once per world. */
export function signsOf(signature: Signature, world: World): Signs {
  return signsIn(world, signature);
}

const signsIn = oncePer(lookFor);

function lookFor(world: World, signature: Signature): Signs {
  const { groups, namespaceLabels, webhook, isControlPlane } = signature;
  const workloads = workloadsOf(world);
  return {
    planes: workloads.filter(isControlPlane).map(readControlPlane),
    webhooks: webhook === undefined ? [] : podWebhooks(world, webhook),
    proxied: proxiedBy(signature, workloads),
    definitions: world
      .list(KIND.customResourceDefinition)
      .objects.filter(({ spec }) => groups.includes(asText(at(spec, 'group')) ?? '')),
    objects: world
      .kinds()
      .filter((kind) => groups.includes(groupOf(kind)))
      .flatMap((kind) => world.list(kind).objects),
    labelled: world
      .list(KIND.namespace)
      .objects.filter(({ metadata }) => namespaceLabels.some((label) => Object.hasOwn(metadata.labels, label))),
  };
}

function readControlPlane({ object, template }: Workload): ControlPlane {
  const version = template.containers.map(({ image }) => imageVersion(image)).find((found) => found !== undefined);
  return { ref: refOf(object), ready: isReady(object), ...(version === undefined ? {} : { version }) };
}

/** The API server leaves out a count of zero; an object without any status was never in a cluster. */
function isReady({ spec, status }: KubeObject): boolean {
  if (at(spec, 'replicas') === 0) return false;
  if (Object.keys(asObject(status) ?? {}).length === 0) return true;
  const ready = [at(status, 'readyReplicas'), at(status, 'numberReady'), at(status, 'availableReplicas')];
  return ready.some((count) => (asNumber(count) ?? 0) > 0);
}

function proxiedBy({ proxyIn }: Signature, all: readonly Workload[]): Signs['proxied'] {
  const workloads: Workload[] = [];
  const versions = new Set<string>();
  let pods = 0;
  for (const workload of proxyIn === undefined ? [] : all) {
    let carries = false;
    for (const cohort of cohortsOf(workload)) {
      const sign = proxyIn?.(cohort.pod);
      if (sign === undefined) continue;
      carries = true;
      pods += cohort.pods;
      versions.add(imageVersion(sign.container.image) ?? '');
    }
    if (carries) workloads.push(workload);
  }
  versions.delete('');
  return { workloads, pods, versions: [...versions] };
}

/** Why it is not known that nothing else points to the mesh; undefined where all that could was read. */
export function whyNotAbsent(signature: Signature, world: World): string | undefined {
  const kinds: Kind[] = [KIND.deployment, KIND.statefulSet, KIND.daemonSet];
  if (signature.webhook !== undefined) kinds.push(KIND.mutatingWebhook);
  if (signature.proxyIn !== undefined) kinds.push(KIND.pod);
  if (signature.namespaceLabels.length > 0) kinds.push(KIND.namespace);
  if (signature.groups.length > 0 && !servesNone(signature, world)) kinds.push(KIND.customResourceDefinition);
  return firstGap(world, kinds);
}

/** The first reason why a list of one of the kinds may not be whole. */
export function firstGap(world: World, kinds: readonly Kind[]): string | undefined {
  return kinds.map((kind) => world.list(kind).gap).find((gap) => gap !== undefined);
}

/** Discovery that names none of the kinds says as much as a list of definitions without them. */
function servesNone({ kinds }: Signature, world: World): boolean {
  const states = new Map(world.coverage.entries.map(({ kind, state }) => [kind, state]));
  return kinds.length > 0 && kinds.every((kind) => states.get(kind) === 'absent');
}
