import { compareBy } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject, type ObjectRef } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { readPodShape } from '../../world/pod-shape.ts';
import { at } from '../../../lib/json.ts';
import { oncePerNamespace } from '../../world/object-world.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { REVISION_LABEL } from './config-visibility.ts';
import { versionInImage } from './injection/detect-proxy.ts';
import { injectionWebhooksIn, type InjectionWebhook } from './injection/webhook.ts';

/** An istiod that runs, or will run, in the cluster. */
export interface ControlPlane {
  readonly ref: ObjectRef;
  readonly namespace: string;
  /** `default` for an installation without a revision. */
  readonly revision: string;
  /** Absent where the image names none. */
  readonly version?: string;
  /** Environment of istiod by name, as far as it was kept. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of all variables that istiod is given, those whose values were not kept included. */
  readonly envNames: readonly string[];
}

/** The control planes that the world holds, sorted by namespace and name. */
export function controlPlanes(world: World): readonly ControlPlane[] {
  return derivedFrom(world, findControlPlanes);
}

/** The control plane that serves a revision; undefined where none of it was read. */
export function controlPlaneOf(world: World, revision: string): ControlPlane | undefined {
  return controlPlanes(world).find((candidate) => candidate.revision === revision);
}

function findControlPlanes(world: World): readonly ControlPlane[] {
  return world
    .namespaces()
    .flatMap((namespace) => planesIn(world, namespace))
    .sort(
      compareBy(
        (plane) => plane.namespace,
        (plane) => plane.ref.name,
      ),
    );
}

const planesIn = oncePerNamespace((world: World, namespace: string) =>
  workloadsIn(world, namespace)
    .filter(({ template }) => template.labels['app'] === 'istiod' || template.labels['istio'] === 'pilot')
    .map(({ object }) => readControlPlane(object)),
);

function readControlPlane(object: KubeObject): ControlPlane {
  const template = object.kind === 'Pod' ? object : at(object.spec, 'template');
  const pod = readPodShape(at(template, 'metadata'), at(template, 'spec'));
  const container = pod.containers.find(({ name }) => name === 'discovery') ?? pod.containers[0];
  const env = Object.fromEntries(
    (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const label = object.metadata.labels[REVISION_LABEL] ?? pod.labels[REVISION_LABEL];
  const version = versionInImage(container?.image);
  return {
    ref: refOf(object),
    namespace: object.metadata.namespace ?? '',
    revision: env['REVISION'] ?? label ?? 'default',
    env,
    envNames: (container?.env ?? []).map(({ name }) => name),
    ...(version === undefined ? {} : { version }),
  };
}

/** The injection webhooks of all revisions and tags, from the webhook configurations that the world holds. */
export function injectionWebhooks(world: World): readonly InjectionWebhook[] {
  return derivedFrom(world.list(KIND.mutatingWebhook).objects, readWebhooks);
}

function readWebhooks(objects: readonly KubeObject[]): readonly InjectionWebhook[] {
  return objects.flatMap((object) => injectionWebhooksIn(object));
}
