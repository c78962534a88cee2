import type { Fact } from '../world/fact.ts';
import type { World } from '../world/world.ts';
import { attributeHolds, type ValueMatcher } from '../mesh/istio/authorization/attribute-match.ts';
import { matchesPeer, spiffeId, splitServiceAccount } from '../mesh/istio/authorization/peer-match.ts';
import type { Alternative, AttributeMatch, AuthorizationRule } from '../mesh/istio/authorization/policy.ts';
import { accountsIn, accountsOf, holdersOfAll } from './account-classes.ts';
import type { AdmittedClass } from './admitted-calls.ts';
import { accountOf, type IdentityAccount } from './identity-holders.ts';

/** Where a rule is read: the mesh's trust domains, its own first, and the namespace of the policy. */
export interface RuleContext {
  readonly world: World;
  readonly namespace: string;
  readonly trustDomains: readonly string[];
}

/** Whom a rule admits; `wide` where one of its alternatives is for anybody, with what it asks of them. */
export interface AdmittedCallers {
  readonly classes: readonly AdmittedClass[];
  readonly wide: readonly string[];
}

/** What names callers by their identity, the narrowest first, with the word for it. */
const IDENTITIES = [
  ['source.principal', 'principal'],
  ['source.serviceAccount', 'ServiceAccount'],
  ['source.namespace', 'namespace'],
] as const;
const ADDRESSES: ReadonlySet<string> = new Set(['source.ip', 'remote.ip']);
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0']);

/**
 * The callers that the sources of an ALLOW rule name, and its conditions on them: by account, by namespace, by address.
 * An account stands for every workload that runs under it.
 * Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source.
 */
export function callersOf(rule: AuthorizationRule, context: RuleContext): AdmittedCallers {
  const conditions = rule.when.filter(({ attribute }) => attribute.startsWith('source.') || ADDRESSES.has(attribute));
  const alternatives = rule.from.length === 0 ? [[]] : rule.from;
  const read = alternatives.map((alternative) => callersOfSource([...alternative, ...conditions], context));
  return { classes: read.flatMap(({ classes }) => classes), wide: read.flatMap(({ wide }) => wide) };
}

function callersOfSource(source: Alternative, context: RuleContext): AdmittedCallers {
  for (const [attribute, word] of IDENTITIES) {
    const named = source.find((match) => match.attribute === attribute && match.values.length > 0);
    if (named !== undefined) return byIdentity(source, named, { word, context });
  }
  const blocks = source.find(({ attribute, values }) => ADDRESSES.has(attribute) && values.length > 0);
  if (blocks !== undefined && !blocks.values.some((block) => EVERYWHERE.has(block))) {
    return { classes: blocks.values.map((block) => ({ label: `addresses ${block}`, workloads: undefined })), wide: [] };
  }
  const asked = source.map(({ attribute }) => attribute).join(', ');
  return { classes: [], wide: [asked === '' ? 'anybody' : `anybody whose ${asked} is as it says`] };
}

function byIdentity(
  source: Alternative,
  named: AttributeMatch,
  { word, context }: { readonly word: string; readonly context: RuleContext },
): AdmittedCallers {
  const wide = named.values.filter((value) => value === '*');
  const classes = named.values
    .filter((value) => value !== '*')
    .map((value): AdmittedClass => {
      const narrowed = source.map((match) => (match === named ? { ...match, values: [value] } : match));
      const accounts = candidates(named.attribute, value, context).filter((account) =>
        holds(narrowed, idOf(account, value, context), context),
      );
      return { label: `${word} ${value}`, workloads: holdersOfAll(context.world, accounts) };
    });
  return { classes, wide: wide.length === 0 ? [] : [`anybody with a ${word}`] };
}

/** Whom one value may mean: told from the value where it is exact, else all accounts. */
function candidates(attribute: string, value: string, { world, namespace }: RuleContext): readonly IdentityAccount[] {
  if (attribute === 'source.serviceAccount') {
    const [place, serviceAccount] = splitServiceAccount(value, namespace);
    return [{ namespace: place, serviceAccount }];
  }
  if (value.includes('*') && !/^\*\/ns\/[^*]*$/.test(value)) {
    const place = /\/ns\/([^/*]+)\//.exec(value)?.[1];
    return place === undefined ? accountsOf(world) : accountsIn(world, place);
  }
  if (attribute === 'source.namespace') return accountsIn(world, value);
  const account = accountOf(value);
  return account === undefined ? [] : [account];
}

/** What an address or a token must be besides cannot be told of an account, and is taken as fulfilled. */
function holds(source: Alternative, id: string, { trustDomains, namespace }: RuleContext): boolean {
  const matches: ValueMatcher = (attribute, value): Fact<boolean> =>
    matchesPeer({ attribute, value }, { kind: 'spiffe', id }, { policyNamespace: namespace, trustDomains });
  return source
    .filter(({ attribute }) => attribute === 'source.trustDomain' || IDENTITIES.some(([name]) => name === attribute))
    .map((match) => attributeHolds(match, matches))
    .every((answer) => answer.known && answer.value);
}

/** Where the mesh's trust domain was not read, the one that the rule names is taken for it. */
function idOf({ namespace, serviceAccount }: IdentityAccount, value: string, { trustDomains }: RuleContext): string {
  const written = /^([^/*]+)\/ns\//.exec(value)?.[1];
  return spiffeId(trustDomains[0] ?? written ?? 'cluster.local', namespace, serviceAccount);
}
