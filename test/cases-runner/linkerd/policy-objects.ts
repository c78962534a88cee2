import { asList, asObject, asObjects, asText, asTextMap, at, type JsonObject } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { object } from '../case-world.ts';

/** When an object was made of which a case does not say it: all at once, so that names decide. */
const SOME_TIME = '2026-01-01T00:00:00Z';
const POLICY = 'policy.linkerd.io';
const GATEWAY = 'gateway.networking.k8s.io';

const API_VERSIONS: Readonly<Record<string, string>> = {
  Server: `${POLICY}/v1beta3`,
  ServerAuthorization: `${POLICY}/v1beta1`,
  AuthorizationPolicy: `${POLICY}/v1alpha1`,
  MeshTLSAuthentication: `${POLICY}/v1alpha1`,
  NetworkAuthentication: `${POLICY}/v1alpha1`,
  HTTPLocalRateLimitPolicy: `${POLICY}/v1alpha1`,
  EgressNetwork: `${POLICY}/v1alpha1`,
  HTTPRoute: `${POLICY}/v1beta3`,
  GRPCRoute: `${GATEWAY}/v1`,
  TCPRoute: `${GATEWAY}/v1alpha2`,
  TLSRoute: `${GATEWAY}/v1alpha2`,
};
const GROUPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(API_VERSIONS).map(([kind, version]) => [kind, version.split('/')[0] ?? ''])),
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  Gateway: GATEWAY,
};
/** Fields of a case's object that are no fields of its spec. */
const NOT_SPEC = new Set(['kind', 'name', 'namespace', 'group', 'labels', 'creationTimestamp', 'created', 'version']);

/** A Linkerd object as a case writes it: the spec's fields beside its name, references without their group. */
export function linkerdObject(raw: unknown, namespace: string): KubeObject {
  const kind = asText(at(raw, 'kind')) ?? '';
  const group = asText(at(raw, 'group'));
  const own = API_VERSIONS[kind] ?? 'v1';
  const apiVersion = group === undefined || own.startsWith(`${group}/`) ? own : `${group}/v1`;
  const spec = specOf(kind, asObject(at(raw, 'spec')) ?? ownFields(raw));
  const status = statusOf(raw);
  return object(apiVersion, kind, {
    name: asText(at(raw, 'name')) ?? 'test',
    namespace: asText(at(raw, 'namespace')) ?? namespace,
    labels: asTextMap(at(raw, 'labels')),
    created: asText(at(raw, 'creationTimestamp')) ?? asText(at(raw, 'created')) ?? SOME_TIME,
    spec,
    ...(status === undefined ? {} : { fields: { status } }),
  });
}

function ownFields(raw: unknown): JsonObject {
  return Object.fromEntries(Object.entries(asObject(raw) ?? {}).filter(([key]) => !NOT_SPEC.has(key)));
}

function specOf(kind: string, fields: JsonObject): JsonObject {
  if (kind === 'Server') return serverSpec(fields);
  if (kind === 'ServerAuthorization') return authorizationSpec(fields);
  if (kind === 'HTTPLocalRateLimitPolicy') return rateLimitSpec(fields);
  if (kind === 'EgressNetwork') return withNetworks({ trafficPolicy: 'Allow', ...fields });
  if (kind === 'NetworkAuthentication') return withNetworks(fields);
  if (kind.endsWith('Route')) return routeSpec(kind, fields);
  return withReferences(fields);
}

function serverSpec(fields: JsonObject): JsonObject {
  const { podSelector, externalWorkloadSelector, ...rest } = fields;
  const selector =
    externalWorkloadSelector === undefined
      ? { podSelector: selectorOf(podSelector) }
      : { externalWorkloadSelector: selectorOf(externalWorkloadSelector) };
  const both = podSelector !== undefined && externalWorkloadSelector !== undefined;
  return { port: 80, ...rest, ...selector, ...(both ? { podSelector: selectorOf(podSelector) } : {}) };
}

function authorizationSpec(fields: JsonObject): JsonObject {
  const selector = at(fields, 'server', 'selector');
  const server = selector === undefined ? (fields['server'] ?? { name: 'test' }) : { selector: selectorOf(selector) };
  return { ...fields, server };
}

/** A text stands for the block that it names. */
function withNetworks(fields: JsonObject): JsonObject {
  const { networks } = fields;
  if (!Array.isArray(networks)) return fields;
  return { ...fields, networks: networks.map((one: unknown) => (typeof one === 'string' ? { cidr: one } : one)) };
}

/** A map of labels stands for a selector by them. */
function selectorOf(raw: unknown): JsonObject {
  const selector = asObject(raw) ?? {};
  return 'matchLabels' in selector || 'matchExpressions' in selector ? selector : { matchLabels: selector };
}

function rateLimitSpec(fields: JsonObject): JsonObject {
  const limit = (raw: unknown): unknown => (typeof raw === 'number' ? { requestsPerSecond: raw } : raw);
  const named = fields['overrides'] ?? fields['override'] ?? [];
  const overrides = Array.isArray(named) ? asList(named) : [named];
  return withReferences({
    targetRef: { kind: 'Server', name: 'test' },
    ...fields,
    ...(fields['total'] === undefined ? {} : { total: limit(fields['total']) }),
    ...(fields['identity'] === undefined ? {} : { identity: limit(fields['identity']) }),
    overrides: overrides.map(limit),
  });
}

function routeSpec(kind: string, fields: JsonObject): JsonObject {
  const parents = fields['parentRefs'] ?? [{ kind: 'Server', name: fields['parent'] ?? 'test' }];
  const { rules } = fields;
  const written = typeof rules === 'number' ? Array.from({ length: rules }, () => ({})) : rules;
  return withReferences({
    ...(fields['hostnames'] === undefined ? {} : { hostnames: fields['hostnames'] }),
    parentRefs: parents,
    rules: written ?? [{ ...conditionsOf(kind, fields), ...filtersOf(fields), ...backendsOf(fields) }],
  });
}

const PATHS = { pathExact: 'Exact', pathPrefix: 'PathPrefix', pathRegex: 'RegularExpression', path: 'Exact' } as const;

function conditionsOf(kind: string, fields: JsonObject): JsonObject {
  if (kind === 'GRPCRoute') {
    const { service, method } = fields;
    const rpc = { ...(service === undefined ? {} : { service }), ...(method === undefined ? {} : { method }) };
    return Object.keys(rpc).length === 0 ? {} : { matches: [{ method: rpc }] };
  }
  const paths = Object.entries(PATHS).flatMap(([key, type]) => {
    const value = asText(fields[key]);
    return value === undefined ? [] : [{ path: { type, value } }];
  });
  const method = fields['method'] === undefined ? {} : { method: fields['method'] };
  if (paths.length === 0 && fields['method'] === undefined) return {};
  return { matches: [{ ...paths[0], ...method }] };
}

function backendsOf({ backendRefs }: JsonObject): JsonObject {
  return backendRefs === undefined ? {} : { backendRefs };
}

function filtersOf({ redirectPath, redirect, filters }: JsonObject): JsonObject {
  if (filters !== undefined) return { filters };
  const target = redirectPath ?? at(redirect, 'path') ?? redirect;
  if (target === undefined) return {};
  const path = { type: 'ReplaceFullPath', replaceFullPath: target };
  return { filters: [{ type: 'RequestRedirect', requestRedirect: { path } }] };
}

/** References of cases lack the group where the kind says it. */
function withReferences(fields: JsonObject): JsonObject {
  const one = (ref: JsonObject): JsonObject => ({ group: GROUPS[asText(ref['kind']) ?? ''] ?? '', ...ref });
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const target = key === 'targetRef' ? asObject(value) : undefined;
      if (target !== undefined) return [key, one(target)];
      return /Refs$/.test(key) && Array.isArray(value) ? [key, asObjects(value).map(one)] : [key, value];
    }),
  );
}

/** What the policy controller says of a route that a case calls accepted or not. */
function statusOf(raw: unknown): JsonObject | undefined {
  if (asObject(at(raw, 'status')) !== undefined) return asObject(at(raw, 'status'));
  const parent = at(raw, 'parent');
  if (parent === undefined) return undefined;
  const status = at(raw, 'accepted') === false ? 'False' : 'True';
  const parentRef = { group: POLICY, kind: 'Server', name: parent };
  return {
    parents: [
      { controllerName: 'linkerd.io/policy-controller', parentRef, conditions: [{ type: 'Accepted', status }] },
    ],
  };
}
