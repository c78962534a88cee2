import { DEFAULT_ROOT_NAMESPACE } from '../mesh/istio/config-visibility.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { meshSettings } from '../mesh/istio/mesh-settings.ts';
import { derivedFrom } from '../world/derived.ts';
import type { World } from '../world/world.ts';

/** What of Istio's own settings says whom its objects are about. */
export interface IstioSettings {
  /** Objects in these are about every namespace. */
  readonly rootNamespaces: readonly string[];
  /** The mesh's own trust domain, then its aliases; empty where that was not read. */
  readonly trustDomains: readonly string[];
}

/** The settings of the control planes that were read: Istio's defaults for what none of them says. */
export function istioSettings(world: World): IstioSettings {
  return derivedFrom(world, readSettings);
}

function readSettings(world: World): IstioSettings {
  const read = controlPlanes(world).flatMap(({ revision }) => {
    const settings = meshSettings(world, revision);
    return settings.known ? [settings.value] : [];
  });
  const roots = read.map(({ rootNamespace }) => rootNamespace);
  return {
    rootNamespaces: roots.length === 0 ? [DEFAULT_ROOT_NAMESPACE] : [...new Set(roots)],
    trustDomains: [
      ...new Set(read.flatMap(({ trustDomain, trustDomainAliases }) => [trustDomain, ...trustDomainAliases])),
    ],
  };
}
