import { asBoolean, asList, asObject, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { parseLabelSelector, type LabelSelector } from '../../kubernetes/label-selector.ts';
import { whyMissing } from '../../world/coverage.ts';
import { oncePer } from '../../world/derived.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import { DEFAULT_ROOT_NAMESPACE } from './config-visibility.ts';
import { controlPlaneOf } from './control-plane.ts';
import { DEFAULT_INJECTOR_SETTINGS, type InjectorSettings } from './injection/inject-required.ts';

/** What of `meshConfig` decides how calls fare; defaults are Istio's own (istio pkg/config/mesh/mesh.go). */
export interface MeshSettings {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly enableAutoMtls: boolean;
  readonly discoverySelectors: readonly LabelSelector[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly outboundTrafficPolicy: string | undefined;
  /** Names of the environment that `defaultConfig` gives every agent, and of other fields that change its capture. */
  readonly defaultProxySettings: readonly string[];
  /** Whether sidecars are injected so that they take HBONE: `ISTIO_META_ENABLE_HBONE` of `defaultConfig`. */
  readonly takesHbone: boolean;
  /** Whether injection moves the scrapes that annotations ask for to the agent: `enablePrometheusMerge`. */
  readonly mergesScrapes: boolean;
}

const NAMESPACE = 'istio-system';

/** The mesh configuration that a revision runs with; unknown where its ConfigMap was not read or cannot be decoded. */
export function meshSettings(world: World, revision: string): Fact<MeshSettings> {
  return settingsOf(world, revision);
}

const settingsOf = oncePer(findSettings);

function findSettings(world: World, revision: string): Fact<MeshSettings> {
  return mapFact(decodedConfig(world, { name: 'istio', revision, field: 'mesh' }), readMeshSettings);
}

/** The injector's own settings of a revision; unknown where its ConfigMap was not read or cannot be decoded. */
export function injectorSettings(world: World, revision: string): Fact<InjectorSettings> {
  return injectorOf(world, revision);
}

const injectorOf = oncePer(findInjector);

function findInjector(world: World, revision: string): Fact<InjectorSettings> {
  const config = decodedConfig(world, { name: 'istio-sidecar-injector', revision, field: 'config' });
  const values = injectorValues(world, revision);
  if (!config.known) return config;
  const policy =
    asText(config.value['policy']) ??
    (values.known ? asText(at(values.value, 'global', 'proxy', 'autoInject')) : undefined);
  return known({
    policy: policy ?? DEFAULT_INJECTOR_SETTINGS.policy,
    neverInjectSelector: asList(config.value['neverInjectSelector']).map(parseLabelSelector),
    alwaysInjectSelector: asList(config.value['alwaysInjectSelector']).map(parseLabelSelector),
  });
}

/** The chart values that a revision's injector renders with. */
export function injectorValues(world: World, revision: string): Fact<JsonObject> {
  return valuesOf(world, revision);
}

const valuesOf = oncePer((world: World, revision: string) =>
  decodedConfig(world, { name: 'istio-sidecar-injector', revision, field: 'values' }),
);

/**
 * Whether HTTP, TCP and gRPC probes of new pods are sent through the agent: chart value
 * `sidecarInjectorWebhook.rewriteAppHTTPProbe`, true by default.
 */
export function rewritesProbes(world: World, revision: string): Fact<boolean> {
  return mapFact(
    injectorValues(world, revision),
    (values) => asBoolean(at(values, 'sidecarInjectorWebhook', 'rewriteAppHTTPProbe')) ?? true,
  );
}

interface ConfigSource {
  readonly name: string;
  readonly revision: string;
  readonly field: string;
}

function decodedConfig(world: World, source: ConfigSource): Fact<JsonObject> {
  const namespace = controlPlaneOf(world, source.revision)?.namespace ?? NAMESPACE;
  const name =
    source.revision === 'default' || source.revision === '' ? source.name : `${source.name}-${source.revision}`;
  const ref = { kind: KIND.configMap, namespace, name };
  const object = world.get(ref);
  if (object === undefined) return unknown(whyMissing(world.coverage, ref));
  return decodedField(object, source.field);
}

function decodedField(object: KubeObject, field: string): Fact<JsonObject> {
  const decoded = asObject(object.decoded?.[field]);
  const place = `${field} of ConfigMap ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  return decoded === undefined ? unknown(`${place} cannot be read`) : known(decoded);
}

function readMeshSettings(mesh: JsonObject): MeshSettings {
  return {
    rootNamespace: asText(mesh['rootNamespace']) ?? DEFAULT_ROOT_NAMESPACE,
    trustDomain: asText(mesh['trustDomain']) ?? 'cluster.local',
    trustDomainAliases: asTexts(mesh['trustDomainAliases']),
    enableAutoMtls: asBoolean(mesh['enableAutoMtls']) ?? true,
    discoverySelectors: asList(mesh['discoverySelectors']).map(parseLabelSelector),
    defaultDestinationRuleExportTo: exportTo(mesh['defaultDestinationRuleExportTo']),
    defaultServiceExportTo: exportTo(mesh['defaultServiceExportTo']),
    defaultVirtualServiceExportTo: exportTo(mesh['defaultVirtualServiceExportTo']),
    outboundTrafficPolicy: asText(at(mesh['outboundTrafficPolicy'], 'mode')),
    defaultProxySettings: defaultProxySettings(mesh['defaultConfig']),
    takesHbone: asText(at(mesh['defaultConfig'], 'proxyMetadata', 'ISTIO_META_ENABLE_HBONE')) === 'true',
    mergesScrapes: asBoolean(mesh['enablePrometheusMerge']) ?? true,
  };
}

function defaultProxySettings(config: unknown): readonly string[] {
  const interception = asText(at(config, 'interceptionMode'));
  const isUsual = interception === undefined || interception === 'REDIRECT';
  return [...Object.keys(asObject(at(config, 'proxyMetadata')) ?? {}), ...(isUsual ? [] : ['interceptionMode'])];
}

function exportTo(value: unknown): readonly string[] {
  const targets = asTexts(value);
  return targets.length === 0 ? ['*'] : targets;
}
