import { asList, asObject, asText, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';

const POLICIES: readonly Kind[] = [
  KIND.authorizationPolicy,
  KIND.linkerdAuthorizationPolicy,
  KIND.meshTlsAuthentication,
  KIND.serverAuthorization,
];

/** Policies that name an account as a caller. */
export interface NamingPolicies {
  /** Those that let it in, as references. */
  readonly admitting: readonly string[];
  /** Those that keep it out, or let others in than it, or say so by a pattern: another name may get past them. */
  readonly excluding: readonly string[];
}

/** Finds the policies of Istio and Linkerd that name an account of a namespace, by its principal or by reference. */
export function policiesNaming(world: World, namespace: string, account: string): NamingPolicies {
  const naming = POLICIES.flatMap((kind) => world.list(kind).objects).filter((object) =>
    names(object.spec, { namespace, account, home: object.metadata.namespace ?? '' }),
  );
  const excluding = naming.filter(isExcluding);
  const toRefs = (objects: readonly KubeObject[]): readonly string[] =>
    objects.map((object) => formatRef(refOf(object)));
  return { admitting: toRefs(naming.filter((object) => !excluding.includes(object))), excluding: toRefs(excluding) };
}

/** Why there may be more policies than were read; undefined where there are none. */
export function unreadPolicies(world: World): string | undefined {
  return POLICIES.map((kind) => world.list(kind).gap).find((gap) => gap !== undefined);
}

function isExcluding(object: KubeObject): boolean {
  const action = asText(at(object.spec, 'action')) ?? 'ALLOW';
  return action !== 'ALLOW' || /"not(Principals|ServiceAccounts|Values)"/.test(JSON.stringify(object.spec));
}

interface Named {
  readonly namespace: string;
  readonly account: string;
  /** Namespace of the policy, in which a reference without a namespace is meant. */
  readonly home: string;
}

/** Whether a value, or one inside it, is the account's principal, a pattern that it may match, or a reference to it. */
function names(value: unknown, named: Named): boolean {
  if (typeof value === 'string') return isPrincipal(value, named);
  if (Array.isArray(value)) return asList(value).some((member) => names(member, named));
  const object = asObject(value);
  if (object === undefined) return false;
  if (object['kind'] === 'ServiceAccount' && isReference(object, named)) return true;
  return Object.entries(object).some(([key, member]) =>
    key === 'serviceAccounts' || key === 'notServiceAccounts'
      ? asList(member).some((text) => isAccount(text, named))
      : names(member, named),
  );
}

/** Istio writes `account` or `namespace/account` in a list of accounts, and Linkerd an object with their names. */
function isAccount(value: unknown, named: Named): boolean {
  const object = asObject(value);
  if (object !== undefined) return isReference(object, named);
  return value === `${named.namespace}/${named.account}` || (value === named.account && named.home === named.namespace);
}

function isReference(reference: JsonObject, { namespace, account, home }: Named): boolean {
  return reference['name'] === account && (asText(reference['namespace']) ?? home) === namespace;
}

function isPrincipal(text: string, { namespace, account }: Named): boolean {
  if (text === `${namespace}/${account}`) return true;
  const principals = [`/ns/${namespace}/sa/${account}`, `${account}.${namespace}.serviceaccount.identity.`];
  if (principals.some((principal) => text.endsWith(principal) || text.startsWith(principal))) return true;
  if (text === '*' || !text.includes('*')) return false;
  const whole = `cluster.local/ns/${namespace}/sa/${account}`;
  if (text.startsWith('*')) return whole.endsWith(text.slice(1));
  return text.endsWith('*') && text.includes('/ns/') && whole.includes(text.slice(text.indexOf('/ns/'), -1));
}
