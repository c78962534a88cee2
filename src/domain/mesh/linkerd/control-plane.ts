import { compareBy } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type ObjectRef } from '../../kubernetes/object.ts';
import { gapOfObject } from '../../world/coverage.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import { oncePerNamespace } from '../../world/object-world.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import {
  chartValues,
  hasAdditionalEnv,
  listed,
  probeNetworksSetting,
  textOrEmpty,
  textSetting,
  truthSetting,
  versionSetting,
  type SettingSources,
} from './control-plane-settings.ts';
import { COMPONENT } from './names.ts';

/**
 * A Linkerd control plane, by the namespace that it runs in. Lists are texts as the chart has them. A setting is
 * unknown where neither ConfigMap `linkerd-config` nor the components' arguments say it, or where the two disagree.
 */
export interface LinkerdControlPlane {
  readonly namespace: string;
  /** The Deployments of the control plane; empty where only its ConfigMap was seen. */
  readonly components: readonly ObjectRef[];
  readonly version: Fact<string>;
  /** CIDRs: chart value `clusterNetworks`. */
  readonly clusterNetworks: Fact<readonly string[]>;
  /** CIDRs from which probes are taken: chart value `policyController.probeNetworks`. */
  readonly probeNetworks: Fact<readonly string[]>;
  /** Chart value `proxy.defaultInboundPolicy`, as written. */
  readonly defaultInboundPolicy: Fact<string>;
  /** Chart value `proxy.requireIdentityOnInboundPorts`. */
  readonly requireIdentityOnInboundPorts: Fact<string>;
  readonly clusterDomain: Fact<string>;
  /** `identityTrustDomain`, else the cluster domain. */
  readonly trustDomain: Fact<string>;
  /** Chart value `proxy.opaquePorts`. */
  readonly opaquePorts: Fact<string>;
  /** Chart value `proxyInit.ignoreInboundPorts`. */
  readonly ignoreInboundPorts: Fact<string>;
  /** Chart value `proxyInit.ignoreOutboundPorts`. */
  readonly ignoreOutboundPorts: Fact<string>;
  /** Chart value `proxyInit.skipSubnets`. */
  readonly skipSubnets: Fact<string>;
  readonly nativeSidecar: Fact<boolean>;
  readonly cniEnabled: Fact<boolean>;
  /** Chart value `identity.serviceAccountTokenProjection`. */
  readonly serviceAccountTokenProjection: Fact<boolean>;
  /** Chart value `proxy.isIngress`. */
  readonly isIngress: Fact<boolean>;
  /** Namespace whose EgressNetworks count for all that have none: chart value `egress.globalEgressNetworkNamespace`. */
  readonly globalEgressNetworkNamespace: Fact<string>;
  /** Whether the chart gives every proxy more environment (`proxy.additionalEnv`), which may change what it does. */
  readonly hasAdditionalEnv: Fact<boolean>;
  readonly disableInboundProtocolDetectTimeout: Fact<boolean>;
  readonly disableOutboundProtocolDetectTimeout: Fact<boolean>;
}

/** The control planes that the world holds, sorted by namespace. */
export function linkerdControlPlanes(world: World): readonly LinkerdControlPlane[] {
  return derivedFrom(world, findControlPlanes);
}

/** The control plane of a namespace; undefined where none of it was read. */
export function linkerdControlPlaneIn(world: World, namespace: string): LinkerdControlPlane | undefined {
  return linkerdControlPlanes(world).find((plane) => plane.namespace === namespace);
}

/** The control plane of a namespace; unknown, with the reason, where it was not found. */
export function knownControlPlane(world: World, namespace: string): Fact<LinkerdControlPlane> {
  const plane = linkerdControlPlaneIn(world, namespace);
  if (plane !== undefined) return known(plane);
  const config = { kind: KIND.configMap, namespace, name: CONFIG };
  const gap = world.list(KIND.deployment).gap ?? gapOfObject(world.coverage, config);
  const why = gap === undefined ? 'was not found' : `was not read: ${gap}`;
  return unknown(`the Linkerd control plane of namespace ${namespace} ${why}`);
}

const CONFIG = 'linkerd-config';
const byName = compareBy<ObjectRef>(
  ({ kind }) => kind,
  ({ name }) => name,
);
/** Components that only a control plane has; extensions and the heartbeat carry the label too. */
const COMPONENTS = new Set(['destination', 'identity', 'proxy-injector', 'controller']);

function findControlPlanes(world: World): readonly LinkerdControlPlane[] {
  return world.namespaces().flatMap((namespace) => planeIn(world, namespace) ?? []);
}

const planeIn = oncePerNamespace(findControlPlane);

function findControlPlane(world: World, namespace: string): LinkerdControlPlane | undefined {
  const components = workloadsIn(world, namespace).filter(({ template }) =>
    COMPONENTS.has(template.labels[COMPONENT] ?? ''),
  );
  const config = world.get({ kind: KIND.configMap, namespace, name: CONFIG });
  if (components.length === 0 && config === undefined) return undefined;
  return readControlPlane(namespace, { values: chartValues(world, namespace), components });
}

function readControlPlane(namespace: string, sources: SettingSources): LinkerdControlPlane {
  const text = (path: readonly string[], argument?: string): Fact<string> => textSetting(sources, path, argument);
  const clusterDomain = text(['clusterDomain'], 'cluster-domain');
  const trustDomain = text(['identityTrustDomain'], 'identity-trust-domain');
  const flag = (...path: readonly string[]): Fact<boolean> => truthSetting(sources, path);
  return {
    namespace,
    components: sources.components.map(({ object }) => refOf(object)).sort(byName),
    version: versionSetting(sources),
    clusterNetworks: mapFact(text(['clusterNetworks'], 'cluster-networks'), listed),
    probeNetworks: probeNetworksSetting(sources),
    defaultInboundPolicy: text(['proxy', 'defaultInboundPolicy'], 'default-policy'),
    requireIdentityOnInboundPorts: text(['proxy', 'requireIdentityOnInboundPorts']),
    clusterDomain,
    trustDomain: trustDomain.known && trustDomain.value === '' ? clusterDomain : trustDomain,
    opaquePorts: text(['proxy', 'opaquePorts'], 'default-opaque-ports'),
    ignoreInboundPorts: text(['proxyInit', 'ignoreInboundPorts']),
    ignoreOutboundPorts: text(['proxyInit', 'ignoreOutboundPorts']),
    skipSubnets: textOrEmpty(sources, ['proxyInit', 'skipSubnets']),
    nativeSidecar: flag('proxy', 'nativeSidecar'),
    cniEnabled: flag('cniEnabled'),
    serviceAccountTokenProjection: flag('identity', 'serviceAccountTokenProjection'),
    isIngress: flag('proxy', 'isIngress'),
    globalEgressNetworkNamespace: text(['egress', 'globalEgressNetworkNamespace'], 'global-egress-network-namespace'),
    hasAdditionalEnv: mapFact(sources.values, hasAdditionalEnv),
    disableInboundProtocolDetectTimeout: flag('proxy', 'disableInboundProtocolDetectTimeout'),
    disableOutboundProtocolDetectTimeout: flag('proxy', 'disableOutboundProtocolDetectTimeout'),
  };
}
