/**
 * A second opinion on AuthorizationPolicy, written from Istio's documentation alone and blunt on purpose: it is told
 * everything about a call, and answers yes or no. It shares no code with the resolvers.
 * Sources: https://istio.io/latest/docs/reference/config/security/authorization-policy/,
 * https://istio.io/latest/docs/reference/config/security/conditions/,
 * https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/,
 * https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/,
 * https://istio.io/latest/docs/ambient/usage/l4-policy/.
 */

export interface NaiveCondition {
  readonly key: string;
  readonly values?: readonly string[];
  readonly notValues?: readonly string[];
}

export interface NaiveRule {
  readonly from?: readonly { readonly source: Fields }[];
  readonly to?: readonly { readonly operation: Fields }[];
  readonly when?: readonly NaiveCondition[];
}

/** `principals`, `notPaths` and so on, each a list of values. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export interface NaivePolicy {
  readonly namespace: string;
  readonly app?: string;
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';
  readonly dryRun: boolean;
  /** Absent: the policy has no rules at all. */
  readonly rules?: readonly NaiveRule[];
}

/** All there is to know of a call. */
export interface NaiveCall {
  readonly enforcer: 'sidecar' | 'ztunnel';
  /**
   * What ztunnel makes of a part of a DENY rule that holds nothing it understands: the documentation says that the
   * part matches, so that too much is denied; the code never matches it (istio#61126, ztunnel src/rbac.rs).
   */
  readonly emptied?: 'matches' | 'never matches';
  readonly handledAs: 'http' | 'tcp';
  /** Trust domain, namespace and account of whoever calls by mutual TLS. */
  readonly caller?: { readonly domain: string; readonly namespace: string; readonly account: string };
  readonly sourceIp: string;
  readonly remoteIp: string;
  readonly destinationIp: string;
  readonly port: number;
  readonly serverName: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What an external authorizer would say. */
  readonly external: boolean;
}

/** The pod that is called. */
export interface NaiveServer {
  readonly namespace: string;
  readonly app: string;
}

const ROOT = 'istio-system';

/** CUSTOM, DENY, then ALLOW; whoever meets an ALLOW policy and none of its rules is refused. */
export function naivelyAllowed(policies: readonly NaivePolicy[], server: NaiveServer, call: NaiveCall): boolean {
  const attached = policies.filter(
    ({ namespace, app, dryRun }) =>
      (namespace === server.namespace || namespace === ROOT) && (app === undefined || app === server.app) && !dryRun,
  );
  const of = (action: NaivePolicy['action']) => attached.filter((policy) => policy.action === action);
  const hits = (policy: NaivePolicy) => (policy.rules ?? []).some((rule) => ruleHits(rule, policy, call));
  if (call.enforcer === 'sidecar' && of('CUSTOM').some(hits) && !call.external) return false;
  if (of('DENY').some(hits)) return false;
  return of('ALLOW').length === 0 || of('ALLOW').some(hits);
}

const HTTP_FIELDS = new Set(['requestPrincipals', 'hosts', 'methods', 'paths']);

function isHttp(key: string): boolean {
  const plain = key.startsWith('not') ? key.charAt(3).toLowerCase() + key.slice(4) : key;
  return HTTP_FIELDS.has(plain) || key.startsWith('request.');
}

/** Layer 4 in the sense of ztunnel, which sees no HTTP, no forwarded address and no server name. */
function isBeyondZtunnel(key: string): boolean {
  return isHttp(key) || /remoteIpBlocks|RemoteIpBlocks|remote\.ip|connection\.sni/.test(key);
}

function ruleHits(rule: NaiveRule, policy: NaivePolicy, call: NaiveCall): boolean {
  const isBlind = call.enforcer === 'ztunnel' ? isBeyondZtunnel : call.handledAs === 'tcp' ? isHttp : () => false;
  const clauses = [
    (rule.from ?? []).map(({ source }) => source),
    (rule.to ?? []).map(({ operation }) => operation),
  ].filter((clause) => clause.length > 0);
  const conditions = rule.when ?? [];
  const keys = [...clauses.flat().flatMap((fields) => Object.keys(fields)), ...conditions.map(({ key }) => key)];
  if (keys.some(isBlind) && policy.action !== 'DENY') return false;
  const missesEmptied = call.emptied === 'never matches';
  const isEmptied = (fields: Fields) => Object.keys(fields).every(isBlind);
  return (
    clauses.every((clause) =>
      clause.some(
        (fields) =>
          !(missesEmptied && isEmptied(fields)) &&
          Object.entries(fields).every(([key, values]) => isBlind(key) || fieldHolds(key, values, { policy, call })),
      ),
    ) && conditions.every((one) => (isBlind(one.key) ? !missesEmptied : conditionHolds(one, { policy, call })))
  );
}

function conditionHolds({ key, values = [], notValues = [] }: NaiveCondition, at: At): boolean {
  const isOne = values.length === 0 || values.some((value) => valueHolds(key, value, at));
  return isOne && !notValues.some((value) => valueHolds(key, value, at));
}

interface At {
  readonly policy: NaivePolicy;
  readonly call: NaiveCall;
}

const KEYS: Readonly<Record<string, string>> = {
  principals: 'source.principal',
  namespaces: 'source.namespace',
  serviceAccounts: 'source.serviceAccount',
  ipBlocks: 'source.ip',
  remoteIpBlocks: 'remote.ip',
  requestPrincipals: 'request.auth.principal',
  hosts: 'host',
  methods: 'method',
  paths: 'path',
  ports: 'destination.port',
};

function fieldHolds(field: string, values: readonly string[], at: At): boolean {
  const isNot = field.startsWith('not');
  const name = isNot ? field.charAt(3).toLowerCase() + field.slice(4) : field;
  return values.some((value) => valueHolds(KEYS[name] ?? '', value, at)) !== isNot;
}

function valueHolds(key: string, value: string, { policy, call }: At): boolean {
  const { caller } = call;
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined) return isLike(value, call.headers[header]);
  switch (key) {
    case 'source.principal':
      return isLike(value, caller && `${caller.domain}/ns/${caller.namespace}/sa/${caller.account}`);
    case 'source.namespace':
      return isLike(value, caller?.namespace);
    case 'source.serviceAccount': {
      const [space, account] = value.includes('/') ? value.split('/') : [policy.namespace, value];
      return caller !== undefined && caller.namespace === space && caller.account === account;
    }
    case 'source.ip':
      return isIn(call.sourceIp, value);
    case 'remote.ip':
      return isIn(call.remoteIp, value);
    case 'destination.ip':
      return isIn(call.destinationIp, value);
    case 'destination.port':
      return String(call.port) === value;
    case 'connection.sni':
      return isLike(value, call.serverName);
    case 'host':
      return isLike(value.toLowerCase(), call.host.toLowerCase());
    case 'method':
      return isLike(value, call.method);
    case 'path':
      return value.includes('{') ? isTemplate(value, call.path) : isLike(value, call.path);
    default:
      // Claims and principals of requests want a RequestAuthentication, and there is none in these worlds.
      return false;
  }
}

/** Exact, prefix, suffix or presence; what is not there is like nothing. */
function isLike(pattern: string, text: string | undefined): boolean {
  if (text === undefined || text === '') return false;
  if (pattern === '*') return true;
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? text.endsWith(pattern.slice(1)) : text === pattern;
}

/** `{*}` stands for one segment. */
function isTemplate(template: string, path: string): boolean {
  const [wanted, found] = [template.split('/'), path.split('/')];
  return (
    wanted.length === found.length &&
    wanted.every((part, at) => (part === '{*}' ? found[at] !== '' : part === found[at]))
  );
}

function isIn(ip: string, block: string): boolean {
  const [network = '', length = '32'] = block.split('/');
  const bits = (text: string) =>
    text
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  return bits(ip).slice(0, Number(length)) === bits(network).slice(0, Number(length));
}
