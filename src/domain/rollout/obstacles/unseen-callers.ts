import { asObjects, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import { injectorValues } from '../../mesh/istio/mesh-settings.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { rootNamespaces } from '../mesh-wide/root-namespaces.ts';

const NETWORK = 'topology.istio.io/network';
const LINKERD_LINK: Kind = 'multicluster.linkerd.io/Link';
const EAST_WEST_CLASS = 'istio-east-west';

interface Sign {
  readonly kind: Kind;
  readonly tells: (object: KubeObject) => boolean;
}

/** Objects that stand for callers outside the cluster (https://istio.io/latest/docs/setup/install/multicluster/). */
const SIGNS: readonly Sign[] = [
  { kind: KIND.istioGateway, tells: passesThrough },
  { kind: KIND.kubernetesGateway, tells: ({ spec }) => at(spec, 'gatewayClassName') === EAST_WEST_CLASS },
  { kind: KIND.workloadEntry, tells: () => true },
  { kind: KIND.serviceEntry, tells: ({ spec }) => asObjects(at(spec, 'endpoints')).some(hasNetwork) },
  { kind: KIND.service, tells: ({ metadata }) => metadata.labels[NETWORK] !== undefined },
  { kind: LINKERD_LINK, tells: () => true },
  { kind: KIND.externalWorkload, tells: () => true },
];

/**
 * What shows that a remote cluster or a virtual machine is joined to this one: its callers are in no list of this
 * cluster, so a stage that cuts cannot know them. A kind that could not be read may hide such an object.
 */
export function unseenCallers(world: World): readonly Obstacle[] {
  const objects = SIGNS.flatMap(({ kind, tells }) => world.list(kind).objects.filter(tells));
  const roots = rootNamespaces(world).flatMap((name) => world.get({ kind: KIND.namespace, name }) ?? []);
  const labelled = roots.filter(({ metadata }) => metadata.labels[NETWORK] !== undefined);
  const configured = controlPlanes(world).filter(({ revision }) => isInNetwork(world, revision));
  return [
    ...[...objects, ...labelled].map((object) => calledFrom(formatRef(refOf(object)))),
    ...configured.map(({ ref }) => calledFrom(`the network in the values of ${formatRef(ref)}`)),
    ...SIGNS.flatMap(({ kind }) => unread(world, kind)),
  ];
}

function passesThrough({ spec }: KubeObject): boolean {
  return asObjects(at(spec, 'servers')).some((server) => at(server, 'tls', 'mode') === 'AUTO_PASSTHROUGH');
}

function hasNetwork(endpoint: unknown): boolean {
  return asText(at(endpoint, 'network')) !== undefined;
}

function isInNetwork(world: World, revision: string): boolean {
  const values = injectorValues(world, revision);
  const network = values.known ? asText(at(values.value, 'global', 'network')) : undefined;
  return network !== undefined && network !== '';
}

function calledFrom(what: string): Obstacle {
  return {
    kind: 'evidence',
    what: `a remote cluster or VM may call: unknown caller, as ${what} shows`,
    remedy: 'name its callers, keep the namespace PERMISSIVE, or accept it with --accept-evidence inferred',
  };
}

/** A kind whose definition is not in the cluster has no objects, whether or not anybody asked for them. */
function unread(world: World, kind: Kind): readonly Obstacle[] {
  const { gap } = world.list(kind);
  if (gap === undefined || world.coverage.basis === 'declared' || !isServed(world, kind)) return [];
  return [
    {
      kind: 'evidence',
      what: `a remote cluster or VM may call: unknown caller, because ${gap}`,
      remedy: 'read them, and plan again',
    },
  ];
}

function isServed(world: World, kind: Kind): boolean {
  const definitions = world.list(KIND.customResourceDefinition);
  const [group, name] = kind.split('/');
  if (name === undefined || definitions.gap !== undefined) return true;
  return definitions.objects.some(({ metadata }) => metadata.name.endsWith(`.${group ?? ''}`));
}
