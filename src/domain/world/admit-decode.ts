import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asList, asObject, asText, asTextMap, asTexts, at } from '../../lib/json.ts';
import { meshIn, settingsIn } from './admit-settings.ts';
import { configMapHosts, hostTokens } from './host-tokens.ts';
import { podSpecOf, podTemplateOf } from './admit-template.ts';

/** Reads YAML (and with it JSON) text inside objects; throws an Error where it is neither. */
export type ParseText = (text: string) => unknown;

type Decoded = Record<string, unknown>;

const PROXY_CONFIG = 'proxy.istio.io/config';
const SELECTORS = ['policy', 'neverInjectSelector', 'alwaysInjectSelector', 'injectedAnnotations'];

/**
 * What text inside the object says: mesh configuration, injector values, proxy configuration, hosts. Undecodable text
 * is named in `error`. Undefined where there is nothing to decode.
 */
export function decodeObject(kind: Kind, raw: JsonObject, parse: ParseText): Readonly<Decoded> | undefined {
  const decoded: Decoded = {};
  const attempt = (key: string, where: string, decode: () => unknown): void => {
    try {
      const value = decode();
      if (value !== undefined) decoded[key] = value;
    } catch (error) {
      decoded['error'] = `${where}: ${error instanceof Error ? error.message : 'not readable'}`;
    }
  };
  if (kind === KIND.configMap) decodeConfigMap(raw, parse, attempt);
  for (const [metadata, where] of [
    [raw['metadata'], ''] as const,
    [podTemplateMeta(kind, raw), 'template '] as const,
  ]) {
    const text = asText(at(metadata, 'annotations', PROXY_CONFIG));
    if (text !== undefined)
      attempt('proxyConfig', `${where}annotation ${PROXY_CONFIG}`, () => settingsIn(objectIn(text, parse)));
  }
  const hosts = kind === KIND.configMap ? configMapHosts(asTextMap(raw['data'])) : hostTokens(podSpecOf(kind, raw));
  if (hosts.length > 0) decoded['hosts'] = hosts;
  return Object.keys(decoded).length === 0 ? undefined : decoded;
}

function podTemplateMeta(kind: Kind, raw: JsonObject): unknown {
  return kind === KIND.pod ? undefined : at(podTemplateOf(kind, raw), 'metadata');
}

type Attempt = (key: string, where: string, decode: () => unknown) => void;

/** @see https://github.com/istio/istio/tree/master/manifests/charts/istio-control/istio-discovery/templates */
function decodeConfigMap(raw: JsonObject, parse: ParseText, attempt: Attempt): void {
  const name = asText(at(raw, 'metadata', 'name')) ?? '';
  const data = asTextMap(raw['data']);
  const { mesh, values, config } = data;
  if (/^istio(-|$)/.test(name) && mesh !== undefined) attempt('mesh', 'data.mesh', () => meshIn(objectIn(mesh, parse)));
  if (name.startsWith('istio-sidecar-injector')) {
    if (values !== undefined) attempt('values', 'data.values', () => settingsIn(objectIn(values, parse)));
    if (config !== undefined) attempt('config', 'data.config', () => selectorsIn(objectIn(config, parse)));
  }
  if (name === 'istio-cni-config') attempt('cni', 'data', () => cniIn(data, parse));
  const proxyConfig = name === 'kube-proxy' ? data['config.conf'] : name === 'kube-proxy-config' ? config : undefined;
  if (proxyConfig !== undefined) {
    attempt('kubeProxyMode', 'the configuration of kube-proxy', () => proxyModeIn(objectIn(proxyConfig, parse)));
  }
  if (name === 'linkerd-config' && values !== undefined) {
    attempt('values', 'data.values', () => settingsIn(objectIn(values, parse)));
  }
  const { cni_network_config: cni } = data;
  if (name === 'linkerd-cni-config' && cni !== undefined)
    attempt('cni', 'data.cni_network_config', () => linkerdCniIn(objectIn(cni, parse)));
}

/** The port lists of Linkerd's CNI plugin, each as text. */
function linkerdCniIn(config: JsonObject): JsonObject {
  const lists = ['inbound-ports-to-ignore', 'outbound-ports-to-ignore'].map((key) => [
    key,
    asList(at(config, 'linkerd', key))
      .filter((port) => /^[\d-]{1,11}$/.test(String(port)))
      .join(','),
  ]);
  return Object.fromEntries(lists) as JsonObject;
}

/** What the CNI agent takes: the keys of today's chart, and the JSON of charts before 1.24. */
function cniIn(data: Readonly<Record<string, string>>, parse: ParseText): JsonObject {
  const chained = data['cni_network_config'];
  const older = chained === undefined ? undefined : at(objectIn(chained, parse), 'kubernetes', 'exclude_namespaces');
  const excluded = data['EXCLUDE_NAMESPACES'] ?? data['EXCLUDED_NAMESPACES'];
  const selectors = data['AMBIENT_ENABLEMENT_SELECTOR'];
  return {
    ...(excluded === undefined
      ? older === undefined
        ? {}
        : { excludeNamespaces: asTexts(older) }
      : { excludeNamespaces: excluded.split(',').filter((name) => name !== '') }),
    ...(data['AMBIENT_ENABLED'] === undefined ? {} : { ambientEnabled: data['AMBIENT_ENABLED'] === 'true' }),
    ...(selectors === undefined ? {} : { enablementSelectors: asList(parse(selectors)) }),
  };
}

/**
 * Without a mode the platform decides, which is `iptables` on Linux.
 * Source: https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/.
 */
function proxyModeIn({ mode }: JsonObject): string | undefined {
  if (mode === undefined || mode === '') return 'iptables';
  return asText(mode)?.match(/^(iptables|ipvs|nftables|kernelspace)$/)?.[0];
}

function objectIn(text: string, parse: ParseText): JsonObject {
  const object = asObject(parse(text));
  if (object === undefined) throw new Error('not a mapping');
  return object;
}

function selectorsIn(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => SELECTORS.includes(key)));
}
