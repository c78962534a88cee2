import { parseCidr } from '../../../kubernetes/cidr.ts';

/** The fields of a source with the attribute that each stands for; each has a not-form. */
export const SOURCE_FIELDS: Readonly<Record<string, string>> = {
  principals: 'source.principal',
  namespaces: 'source.namespace',
  serviceAccounts: 'source.serviceAccount',
  trustDomains: 'source.trustDomain',
  requestPrincipals: 'request.auth.principal',
  ipBlocks: 'source.ip',
  remoteIpBlocks: 'remote.ip',
};

/** The fields of an operation with the attribute that each stands for; each has a not-form. */
export const OPERATION_FIELDS: Readonly<Record<string, string>> = {
  hosts: 'request.host',
  methods: 'request.method',
  paths: 'request.path',
  ports: 'destination.port',
};

const CONDITION_KEYS: ReadonlySet<string> = new Set([
  'source.ip',
  'remote.ip',
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'destination.ip',
  'destination.port',
  'connection.sni',
]);

const BRACKETED_KEY = /^(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.[^[]+)\[.+\]$/s;

/** Whether a `when` condition may use the key. Source: istio pkg/config/security/security.go, ValidateAttribute. */
export function isConditionKey(key: string): boolean {
  return CONDITION_KEYS.has(key) || BRACKETED_KEY.test(key);
}

/**
 * Whether only an HTTP filter can see the attribute, so that no rule on a TCP port can hold it.
 * Source: istio pilot/pkg/security/authz/model/generator.go ("is HTTP only").
 */
export function isHttpOnly(attribute: string): boolean {
  return attribute.startsWith('request.');
}

const ZTUNNEL_ATTRIBUTES: ReadonlySet<string> = new Set([
  'source.principal',
  'source.namespace',
  'source.ip',
  'destination.ip',
  'destination.port',
]);

/**
 * Whether ztunnel knows the attribute, in a `when` condition or as a field of `from` or `to`.
 * Source: istio pilot/pkg/serviceregistry/ambient/authorization.go, l4WhenAttributes and handleRule.
 */
export function isKnownToZtunnel(attribute: string, place: 'field' | 'when'): boolean {
  return ZTUNNEL_ATTRIBUTES.has(attribute) || (place === 'field' && attribute === 'source.serviceAccount');
}

/** Whether istiod can make a matcher of the value. */
export function isUsableValue(attribute: string, value: string): boolean {
  if (value === '') return false;
  if (attribute.endsWith('.ip')) return parseCidr(value) !== undefined;
  if (attribute === 'destination.port') return /^\d+$/.test(value) && Number(value) <= 65535;
  return true;
}
