import type { JsonObject } from '../../lib/json.ts';
import { asObject, asObjects, asText, at } from '../../lib/json.ts';
import { withoutQuery, withoutTexts, withoutUrlSecrets, withoutUser } from './admit-text.ts';

/** What stands for a header's value in a condition: rules know of no header's value, so any text says the same. */
const NOT_KEPT = 'value-not-kept';

/** Fields that carry what somebody may keep secret and no rule reads, wherever they stand in a spec. */
const DROPPED = new Set([
  'args',
  'command',
  'pluginConfig',
  'vmConfig',
  'httpHeaders',
  'privateKey',
  'openAPIV3Schema',
  'jwks',
  'basicAuth',
  'bearerTokenSecret',
  'bearerTokenFile',
  'oauth2',
  'proxyUrl',
  'params',
  'authorization',
  'relabelings',
  'metricRelabelings',
  'remoteWrite',
  'remoteRead',
  'triggers',
  'accessLog',
  'accessLogs',
  'analysis',
  'mutate',
  'generate',
  'stringData',
  'binaryData',
]);

/** Fields of which only their presence and members count, never what their texts say. */
const WITHOUT_TEXTS =
  /^(queryParams|cookies?|rewrite|urlRewrite|redirect|requestRedirect|directResponse|corsPolicy|verifyClaims|arguments|attributes)$|header(s|Matches|Modifier)?$/i;
const HEADER_NAMES = new Set(['fromHeaders', 'outputClaimToHeaders']);
/** Kinds whose content may stand inside another object, as in a template. */
const EMBEDDED = new Set(['Secret', 'ConfigMap']);
const SECRET_TEXT =
  /(passw(or)?d|token|api_?key|access_?key|secret_?key|client_?secret|credentials?|authorization|_json)$|^inline(String)?$/i;
const PATH = /^(path|paths|pathPrefix|pathExact|pathRegex|notPaths|prefix|regex|uri)$/;
const HOST = /^(host|hosts|address|server|servers|endpoint|externalName)$/;
/** How base64 of PEM begins. */
const PEM = /^LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS/;

/** Whether a member of that name is left out of the object, wherever that stands. */
export function isDropped(member: string, object: JsonObject): boolean {
  return DROPPED.has(member) || (member === 'data' && EMBEDDED.has(asText(object['kind']) ?? ''));
}

/** What is kept of a field whatever is in it; undefined where its members decide. */
export function projectField(key: string, value: unknown): { readonly kept: unknown } | undefined {
  if (key === 'volumes' && Array.isArray(value)) return { kept: asObjects(value).map(projectVolume) };
  if (key === 'volumeMounts' && Array.isArray(value)) return { kept: asObjects(value).map(named) };
  if (key === 'clientConfig' && asObject(value) !== undefined) return { kept: projectClientConfig(value) };
  if (key === 'metric' && asObject(value) !== undefined) return { kept: named(value) };
  if (key === 'match' && Array.isArray(value)) return { kept: asObjects(value).map(projectMatch) };
  if (WITHOUT_TEXTS.test(key) && !HEADER_NAMES.has(key)) return { kept: withoutTexts(value) };
  return undefined;
}

/** A text under the key, without what may be secret in it. */
export function projectText(key: string, text: string): string {
  if (SECRET_TEXT.test(key) || (key === 'caBundle' && !PEM.test(text))) return '';
  if (PATH.test(key) || (key === 'value' && text.startsWith('/'))) return withoutQuery(text);
  return HOST.test(key) ? withoutUser(text) : withoutUrlSecrets(text);
}

/** A policy's spec as Istio evaluates it: a path keeps that it has a query, a condition that it asks for a header. */
export function projectAuthorization(spec: unknown): unknown {
  if (Array.isArray(spec)) return spec.map(projectAuthorization);
  const object = asObject(spec);
  if (object === undefined) return spec;
  const asksHeader = asText(object['key'])?.startsWith('request.headers[') === true;
  const members = Object.entries(object).map(([key, value]) => {
    if (asksHeader && (key === 'values' || key === 'notValues')) return [key, eachText(value, headerValue)];
    if (key === 'paths' || key === 'notPaths') return [key, eachText(value, pathWithMark)];
    return [key, projectAuthorization(value)];
  });
  return Object.fromEntries(members) as JsonObject;
}

function eachText(value: unknown, change: (text: string) => string): unknown {
  if (!Array.isArray(value)) return typeof value === 'string' ? change(value) : value;
  return value.map((member: unknown) => (typeof member === 'string' ? change(member) : member));
}

function headerValue(text: string): string {
  return text === '' || text === '*' ? text : NOT_KEPT;
}

/** No path that a proxy compares holds a question mark, so the value goes on matching nothing. */
function pathWithMark(text: string): string {
  const start = text.indexOf('?');
  return start < 0 ? text : text.slice(0, start + 1);
}

/** Of a volume its name, and which ConfigMap, Secret or claim it mounts; of other kinds only that it is one. */
function projectVolume(volume: JsonObject): JsonObject {
  const members = Object.entries(volume).map(([key, value]) => {
    if (key === 'name') return [key, value];
    const sources = asObjects(at(value, 'sources')).map(projectVolume);
    return [key, { ...named(value), ...(sources.length === 0 ? {} : { sources }) }];
  });
  return Object.fromEntries(members) as JsonObject;
}

/** Of the address of a webhook its host counts; behind that people put tokens. */
function projectClientConfig(config: unknown): JsonObject {
  const { url, caBundle, service } = asObject(config) ?? {};
  const { name, namespace, port } = asObject(service) ?? {};
  const members = { name, namespace, port };
  const server = /^[a-z]+:\/\/[^/?#@]+/i.exec(withoutUrlSecrets(asText(url) ?? ''))?.[0];
  return {
    ...(service === undefined
      ? {}
      : { service: Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) }),
    ...(url === undefined ? {} : { url: server ?? '' }),
    ...(typeof caBundle === 'string' ? { caBundle: projectText('caBundle', caBundle) } : {}),
  };
}

function named(source: unknown): JsonObject {
  const kept = ['name', 'secretName', 'claimName', 'driver'].map((key) => [key, asText(at(source, key))] as const);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}

/** A route's condition: who and where it is for stays, what it asks of a request stays only as a question. */
function projectMatch(match: JsonObject): JsonObject {
  const stays = new Set(['gateways', 'port', 'sourceLabels', 'sourceNamespace', 'sniHosts', 'destinationSubnets']);
  const members = Object.entries(match).map(([key, value]) => [key, stays.has(key) ? value : withoutTexts(value)]);
  return Object.fromEntries(members) as JsonObject;
}
