import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef } from '../../kubernetes/object.ts';
import { SOURCE_FIELDS } from '../../mesh/istio/authorization/attributes.ts';
import { parseAuthorizationPolicy } from '../../mesh/istio/authorization/parse.ts';
import { matchesPeer } from '../../mesh/istio/authorization/peer-match.ts';
import type { AttributeMatch, AuthorizationPolicy } from '../../mesh/istio/authorization/policy.ts';
import { derivedFrom } from '../../world/derived.ts';
import type { World } from '../../world/world.ts';
import { shortList } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { knownIdentities, peersOf, type Identities } from '../known-identities.ts';

/** AuthorizationPolicies that name callers which cannot exist. */
export const authzPrincipalUnknown: Check = {
  id: 'authz-principal-unknown',
  title: 'AuthorizationPolicy names a namespace or ServiceAccount that does not exist',
  category: 'authorization',
  stages: ['authz', 'day2'],
  meshes: ['istio-sidecar', 'istio-ambient'],
  severity: 'medium',
  certainty: 'heuristic',
  why: 'Whoever a rule names in vain is not matched by it: an ALLOW then refuses the caller that was meant, and a DENY stops nobody. Whoever later creates the namespace or the ServiceAccount takes on what the rule grants.',
  detects:
    'A value of namespaces, principals or serviceAccounts, or of their not-forms or conditions, matches no namespace that is known, or no ServiceAccount of the namespaces that it matches. Principals of other trust domains, and those that end in a star, are left out.',
  falseAlarms:
    'Callers in other clusters of the same mesh, and callers that are yet to be deployed. In manifests alone a namespace that is not among them is not known to be missing.',
  remedy: {
    text: 'Correct the name; compare principals with the ServiceAccount that the pods of the caller run as. If the caller is gone, take the value out, but leave no empty list: a source without values matches everybody.',
  },
  sources: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/analyzers/authz/authorizationpolicies.go',
    'https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/generator.go',
  ],
  reads: [KIND.authorizationPolicy],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue | Undecided> {
  const objects = world.list(KIND.authorizationPolicy).objects;
  if (objects.length === 0) return;
  const identities = knownIdentities(world);
  for (const object of objects) {
    const policy = derivedFrom(object, parseAuthorizationPolicy);
    const judged = namedIn(policy).map((named) => ({ named, answer: judge(named, { world, policy, identities }) }));
    for (const reason of new Set(judged.flatMap(({ answer }) => (answer?.kind === 'open' ? answer.reason : [])))) {
      yield { notAssessed: reason, object: policy.ref };
    }
    const missing = judged.flatMap(({ named, answer }) => (answer?.kind === 'missing' ? [{ named, ...answer }] : []));
    if (missing.length > 0) yield issueFor(policy, missing);
  }
}

/** One value that names callers, and where it stands. */
interface Named {
  readonly attribute: string;
  readonly value: string;
  readonly field: string;
}

const IDENTITY_FIELDS = ['namespaces', 'principals', 'serviceAccounts'] as const;

function namedIn({ rules }: AuthorizationPolicy): readonly Named[] {
  return rules.flatMap(({ from, when }, rule) => [
    ...from.flatMap((source, index) =>
      IDENTITY_FIELDS.flatMap((field) => {
        const place = `spec.rules[${String(rule)}].from[${String(index)}].source`;
        const match = source.find(({ attribute }) => attribute === SOURCE_FIELDS[field]);
        const notField = `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
        return match === undefined ? [] : valuesOf(match, `${place}.${field}`, `${place}.${notField}`);
      }),
    ),
    ...when.flatMap((condition, index) => {
      const isIdentity = IDENTITY_FIELDS.some((field) => SOURCE_FIELDS[field] === condition.attribute);
      const place = `spec.rules[${String(rule)}].when[${String(index)}]`;
      return isIdentity ? valuesOf(condition, `${place}.values`, `${place}.notValues`) : [];
    }),
  ]);
}

function valuesOf({ attribute, values, notValues }: AttributeMatch, field: string, notField: string): readonly Named[] {
  return [
    ...values.map((value) => ({ attribute, value, field })),
    ...notValues.map((value) => ({ attribute, value, field: notField })),
  ];
}

interface Question {
  readonly world: World;
  readonly policy: AuthorizationPolicy;
  readonly identities: Identities;
}

type Answer =
  { readonly kind: 'missing'; readonly what: string } | { readonly kind: 'open'; readonly reason: string } | undefined;

/** Undefined where somebody may match. */
function judge({ attribute, value }: Named, { world, policy, identities }: Question): Answer {
  if (attribute === 'source.principal' && !isOfThisMesh(value, identities.trustDomains)) return undefined;
  const context = { policyNamespace: policy.namespace, trustDomains: identities.trustDomains };
  const mayMatch = (peer: Parameters<typeof matchesPeer>[1]): boolean => {
    const fact = matchesPeer({ attribute, value }, peer, context);
    return !fact.known || fact.value;
  };
  const { whole, some } = peersOf(identities);
  const namespaces = whole.filter(mayMatch).map(({ namespace }) => namespace);
  if (namespaces.length === 0) {
    const { gap } = world.list(KIND.namespace);
    if (gap !== undefined) return { kind: 'open', reason: gap };
    return world.coverage.basis === 'declared'
      ? { kind: 'open', reason: `no namespace for ${value} is among the manifests` }
      : { kind: 'missing', what: 'no namespace matches' };
  }
  if (attribute === 'source.namespace' || some.some(mayMatch)) return undefined;
  const open = namespaces.map((namespace) => identities.whyMore(namespace)).find((reason) => reason !== undefined);
  return open === undefined
    ? { kind: 'missing', what: `namespace ${shortList(namespaces)} has no such ServiceAccount` }
    : { kind: 'open', reason: open };
}

/** `*` and other patterns at the start stand for every trust domain. */
function isOfThisMesh(principal: string, trustDomains: readonly string[]): boolean {
  const [domain = ''] = principal.split('/');
  return domain.startsWith('*') || domain === 'cluster.local' || trustDomains.includes(domain);
}

interface Missing {
  readonly named: Named;
  readonly what: string;
}

function issueFor({ ref, action }: AuthorizationPolicy, missing: readonly Missing[]): Issue {
  const effect = { ALLOW: 'admits', DENY: 'refuses', AUDIT: 'audits', CUSTOM: 'asks about' }[action];
  const named = valuesWhere(missing, (field) => !NOT_FORM.test(field));
  const leftOut = valuesWhere(missing, (field) => NOT_FORM.test(field));
  const clauses = [
    ...(named === '' ? [] : [`names ${named}, which nobody can be, and ${effect} nobody by that`]),
    ...(leftOut === '' ? [] : [`leaves out ${leftOut}, which nobody can be, and ${effect} whom that was meant for`]),
  ];
  const [first] = missing;
  return {
    object: ref,
    ...(first === undefined ? {} : { field: first.named.field }),
    value: valuesWhere(missing, () => true),
    message: `${formatRef(ref)} ${clauses.join('; it ')}.`,
    evidence: missing.map(({ named: { field, value }, what }) => ({
      object: ref,
      field,
      value,
      rule: `Of what is known, ${what}.`,
    })),
  };
}

const NOT_FORM = /\.not[A-Z]\w*$/;

function valuesWhere(missing: readonly Missing[], holds: (field: string) => boolean): string {
  return shortList(missing.flatMap(({ named: { field, value } }) => (holds(field) ? [value] : [])));
}
