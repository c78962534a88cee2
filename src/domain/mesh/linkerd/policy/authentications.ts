import { KIND } from '../../../kubernetes/kinds.ts';
import type { Kind, KubeObject } from '../../../kubernetes/object.ts';
import { asObjects, asText, asTexts, at, type JsonObject } from '../../../../lib/json.ts';
import { known, mapFact, unknown, type Fact } from '../../../world/fact.ts';
import type { World } from '../../../world/world.ts';
import { admissionDoubt } from './admission.ts';
import type { Clients } from './grant.ts';
import { parseIdentityMatch, type IdentityMatch } from './identities.ts';
import { readNetworks, type Networks } from './networks.ts';
import { accountIdentity, type PolicyPlane } from './plane.ts';
import { targetsKind } from './target-kind.ts';

/** Where references are looked up. */
export interface Lookup {
  readonly plane: PolicyPlane;
  readonly world: World;
}

/**
 * What an authentication demands. `missing` where it is not there or cannot be read, which makes the policy that needs
 * it void; `doubt` where it is not known whether it is there as it stands.
 */
export type Resolved<T> = { readonly demands: T; readonly doubt?: string } | { readonly missing: string };

/**
 * The clients that a reference to a MeshTLSAuthentication or a ServiceAccount means, seen from a namespace.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/index.rs#policy_client_authz.
 */
export function clientsMeant(ref: JsonObject, namespace: string, lookup: Lookup): Resolved<Clients> {
  if (targetsKind(ref, KIND.serviceAccount)) {
    return { demands: { kind: 'identities', matches: [accountOf(ref, namespace, lookup)] } };
  }
  const found = find(KIND.meshTlsAuthentication, ref, { namespace, world: lookup.world });
  if ('gap' in found) return { demands: { kind: 'identities', matches: [unknown(found.gap)] } };
  const { object, doubt, name } = found;
  if (object === undefined) return { missing: `MeshTLSAuthentication ${name} is not there` };
  const matches = identitiesOf(object, lookup);
  if (matches === undefined) return { missing: `MeshTLSAuthentication ${name} names no identity that can be read` };
  return { demands: { kind: 'identities', matches }, ...(doubt === undefined ? {} : { doubt }) };
}

/** The networks that a reference to a NetworkAuthentication means, seen from a namespace. */
export function networksMeant(ref: JsonObject, namespace: string, lookup: Lookup): Resolved<Networks> {
  const found = find(KIND.networkAuthentication, ref, { namespace, world: lookup.world });
  if ('gap' in found) return { demands: unknown(found.gap) };
  const { object, doubt, name } = found;
  if (object === undefined) return { missing: `NetworkAuthentication ${name} is not there` };
  const networks = readNetworks(at(object.spec, 'networks'));
  if (networks === undefined || networks.length === 0)
    return { missing: `NetworkAuthentication ${name} has no networks that can be read` };
  return { demands: known(networks), ...(doubt === undefined ? {} : { doubt }) };
}

type Found =
  | { readonly name: string; readonly object: KubeObject | undefined; readonly doubt: string | undefined }
  | { readonly gap: string };

function find(
  kind: Kind,
  ref: JsonObject,
  { namespace, world }: { readonly namespace: string; readonly world: World },
): Found {
  const where = asText(ref['namespace']) ?? namespace;
  const name = asText(ref['name']) ?? '';
  const object = world.get({ kind, namespace: where, name });
  const { gap } = world.listIn(kind, where);
  if (object === undefined && gap !== undefined) return { gap };
  return {
    name: `${where}/${name}`,
    object,
    doubt: object === undefined ? undefined : admissionDoubt(object, world),
  };
}

/** Undefined where the policy controller could not read the object; source: inbound/meshtls_authentication.rs. */
function identitiesOf({ spec, metadata }: KubeObject, lookup: Lookup): readonly Fact<IdentityMatch>[] | undefined {
  const refs = asObjects(at(spec, 'identityRefs'));
  const known = refs.every((ref) => targetsKind(ref, KIND.serviceAccount) || targetsKind(ref, KIND.namespace));
  const written = asTexts(at(spec, 'identities')).map(matchOf);
  const matches = [...written, ...refs.map((ref) => identityOfRef(ref, metadata.namespace ?? '', lookup))];
  return known && matches.length > 0 ? matches : undefined;
}

function identityOfRef(ref: JsonObject, namespace: string, lookup: Lookup): Fact<IdentityMatch> {
  if (targetsKind(ref, KIND.serviceAccount)) return accountOf(ref, namespace, lookup);
  return mapFact(accountIdentity(lookup.plane, asText(ref['name']) ?? '', '*'), parseIdentityMatch);
}

/** The identity of an account; without a namespace it is one of the namespace from which it is looked at. */
export function accountOf(ref: JsonObject, namespace: string, { plane }: Lookup): Fact<IdentityMatch> {
  const where = asText(ref['namespace']) ?? namespace;
  return mapFact(accountIdentity(plane, where, asText(ref['name']) ?? ''), (identity): IdentityMatch => ({
    kind: 'exact',
    identity,
  }));
}

function matchOf(text: string): Fact<IdentityMatch> {
  return known(parseIdentityMatch(text));
}
