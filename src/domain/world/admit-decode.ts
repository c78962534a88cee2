import { KIND } from '../kubernetes/kinds.ts';
import type { Kind } from '../kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { asObject, asText, asTextMap, at } from '../../lib/json.ts';
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
  if (name === 'linkerd-config' && values !== undefined) {
    attempt('values', 'data.values', () => settingsIn(objectIn(values, parse)));
  }
}

function objectIn(text: string, parse: ParseText): JsonObject {
  const object = asObject(parse(text));
  if (object === undefined) throw new Error('not a mapping');
  return object;
}

function selectorsIn(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => SELECTORS.includes(key)));
}
