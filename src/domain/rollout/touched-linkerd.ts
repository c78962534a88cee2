import { asObject, asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { parseLabelSelector } from '../kubernetes/label-selector.ts';
import { keyOf, type Kind, type ObjectRef } from '../kubernetes/object.ts';
import { targetsKind } from '../mesh/linkerd/policy/target-kind.ts';
import type { PolicyForm, PolicyForms } from './policy-forms.ts';
import { together, type CallsSelected, type SomeCalls } from './selected-calls.ts';

/** What the calls of a policy are found by. */
interface PolicyLookup {
  readonly forms: PolicyForms;
  readonly selected: CallsSelected;
}

/** The calls that a Linkerd policy is about while a stage is applied, by its reference. */
export type LinkerdCalls = (ref: ObjectRef) => SomeCalls;

const AUTHENTICATIONS: readonly Kind[] = [KIND.meshTlsAuthentication, KIND.networkAuthentication];

/**
 * Follows a Server to the pods that it selects, an AuthorizationPolicy to its Server, and an authentication to the
 * policies that ask for it, each as it stands before the stage and as its steps leave it. Undefined for what is not
 * followed. The calls of a policy on a whole namespace are not told apart either.
 */
export function linkerdCalls(lookup: PolicyLookup): LinkerdCalls {
  const kept = new Map<string, SomeCalls>();
  const referrers = lazily(() => referrersOf(lookup.forms));
  const callsOf = (ref: ObjectRef): SomeCalls => {
    if (ref.kind === KIND.linkerdServer) return ofForms(lookup.forms.of(ref), (form) => ofServer(lookup, form));
    if (ref.kind === KIND.linkerdAuthorizationPolicy)
      return ofForms(lookup.forms.of(ref), (form) => {
        const server = serverOf(form);
        return server === undefined ? undefined : known(server);
      });
    if (!AUTHENTICATIONS.includes(ref.kind)) return undefined;
    const all = referrers();
    return all === undefined ? undefined : together((all.get(keyOf(ref)) ?? []).map(known));
  };
  const known: LinkerdCalls = (ref) => {
    const key = keyOf(ref);
    if (!kept.has(key)) kept.set(key, callsOf(ref));
    return kept.get(key);
  };
  return known;
}

function ofForms(forms: readonly PolicyForm[] | undefined, callsOf: (form: PolicyForm) => SomeCalls): SomeCalls {
  return forms === undefined ? undefined : together(forms.map(callsOf));
}

/** Who is outside the cluster answers no call of its pods, and is not followed. */
function ofServer({ selected }: PolicyLookup, { ref, spec }: PolicyForm): SomeCalls {
  const selector = at(spec, 'podSelector');
  if (asObject(selector) === undefined || at(spec, 'externalWorkloadSelector') !== undefined) return undefined;
  return selected(ref.namespace ?? '', parseLabelSelector(selector));
}

/** The Server that a policy is about; undefined where it is about something else. */
function serverOf({ ref, spec }: PolicyForm): ObjectRef | undefined {
  const target = asObject(at(spec, 'targetRef')) ?? {};
  const name = asText(target['name']);
  if (name === undefined || !targetsKind(target, KIND.linkerdServer)) return undefined;
  return named(KIND.linkerdServer, ref.namespace, name);
}

/** The policies that ask for each authentication; the namespace of a reference is that of its policy if it says none. */
function referrersOf(forms: PolicyForms): ReadonlyMap<string, readonly ObjectRef[]> | undefined {
  const policies = forms.all(KIND.linkerdAuthorizationPolicy);
  if (policies === undefined) return undefined;
  const found = new Map<string, ObjectRef[]>();
  for (const { ref, spec } of policies) {
    for (const wanted of asObjects(at(spec, 'requiredAuthenticationRefs'))) {
      for (const key of authenticationsOf(wanted, ref.namespace)) found.set(key, [...(found.get(key) ?? []), ref]);
    }
  }
  return found;
}

function authenticationsOf(wanted: JsonObject, home: string | undefined): readonly string[] {
  const kinds = AUTHENTICATIONS.filter((kind) => targetsKind(wanted, kind));
  const where = asText(wanted['namespace']) ?? home;
  return kinds.map((kind) => keyOf(named(kind, where, asText(wanted['name']) ?? '')));
}

function named(kind: Kind, namespace: string | undefined, name: string): ObjectRef {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function lazily<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: compute() }).value;
}
