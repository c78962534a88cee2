import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { linkerdControlPlanes, type LinkerdControlPlane } from '../../mesh/linkerd/control-plane.ts';
import { unknown, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';

/** What the stages need of the control plane. */
export interface LinkerdFacts {
  readonly namespace: string;
  /** Undefined where none is in the world. */
  readonly plane: LinkerdControlPlane | undefined;
  readonly version: Fact<string>;
  readonly cniEnabled: Fact<boolean>;
}

/** Namespace of a control plane that this plan installs. */
export const CONTROL_PLANE_NAMESPACE = 'linkerd';

/** Reads them from the first control plane of a world. */
export function linkerdFacts(world: World): LinkerdFacts {
  const planes = linkerdControlPlanes(world);
  const plane = planes.find(({ components }) => components.length > 0) ?? planes[0];
  const nothing = unknown('no control plane of Linkerd was read');
  return {
    namespace: plane?.namespace ?? CONTROL_PLANE_NAMESPACE,
    plane,
    version: plane?.version ?? nothing,
    cniEnabled: plane?.cniEnabled ?? nothing,
  };
}

/** Namespaces of the control plane, its extensions and the CNI plugin, with the reason to leave each alone. */
export function ownNamespaces(world: World): ReadonlyMap<string, string> {
  const planes = linkerdControlPlanes(world).map(({ namespace }) => namespace);
  const extensions = world.list(KIND.namespace).objects.flatMap(({ metadata }): [string, string][] => {
    const extension = metadata.labels['linkerd.io/extension'];
    return extension === undefined ? [] : [[metadata.name, `it holds extension ${extension} of Linkerd`]];
  });
  return new Map([
    ...extensions,
    ...planes.map((name): [string, string] => [name, 'it belongs to the control plane of Linkerd']),
  ]);
}

/** Whether the Linkerd here is Buoyant's distribution, or its operator is to install one. */
export function isBuoyant(world: World): boolean {
  const definitions = world.list(KIND.customResourceDefinition).objects;
  if (definitions.some(({ spec }) => /(^|\.)buoyant\.io$/.test(asText(at(spec, 'group')) ?? ''))) return true;
  const { version } = linkerdFacts(world);
  return version.known && version.value.includes('enterprise-');
}
