import { KIND } from '../../../kubernetes/kinds.ts';
import type { KubeObject } from '../../../kubernetes/object.ts';
import { asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../../../lib/json.ts';
import { kindOfRef, targetsKind } from './target-kind.ts';
import { isIdentity } from './validate-identity.ts';
import { whyNetworksRefused } from './validate-networks.ts';

/** Kinds that an AuthorizationPolicy can be about. */
const TARGETS = [KIND.linkerdServer, KIND.namespace, KIND.linkerdHttpRoute, KIND.httpRoute, KIND.grpcRoute] as const;

/**
 * What the API server and Linkerd's webhook say against an AuthorizationPolicy; undefined where they take it.
 * Source: linkerd2 policy-controller/runtime/src/admission.rs, charts/linkerd-crds/templates/policy.
 */
export function whyPolicyRefused({ spec, metadata }: KubeObject): string | undefined {
  const target = asObject(at(spec, 'targetRef'));
  if (target === undefined || asText(target['name']) === undefined) return 'targetRef is missing';
  if (!TARGETS.some((kind) => targetsKind(target, kind))) return `${kindOfRef(target)} cannot be a target`;
  if (targetsKind(target, KIND.namespace) && target['name'] !== metadata.namespace)
    return 'another namespace cannot be the target';
  if (!Array.isArray(at(spec, 'requiredAuthenticationRefs'))) return 'requiredAuthenticationRefs is missing';
  return whyReferencesRefused(asObjects(at(spec, 'requiredAuthenticationRefs')));
}

/** The same for references to authentications: one of each sort at most, of kinds that are known. */
export function whyReferencesRefused(refs: readonly JsonObject[]): string | undefined {
  const count = (kind: string): number => refs.filter((ref) => targetsKind(ref, kind)).length;
  const identities = count(KIND.meshTlsAuthentication) + count(KIND.serviceAccount);
  const networks = count(KIND.networkAuthentication);
  if (identities > 1) return 'only one MeshTLSAuthentication or ServiceAccount may be required';
  if (networks > 1) return 'only one NetworkAuthentication may be required';
  return identities + networks < refs.length ? 'a required authentication is of an unsupported kind' : undefined;
}

/** The same for a MeshTLSAuthentication. */
export function whyMeshTlsRefused({ spec }: KubeObject): string | undefined {
  const [identities, refs] = [at(spec, 'identities'), at(spec, 'identityRefs')];
  if ((identities === undefined) === (refs === undefined)) return 'one of identities and identityRefs is needed';
  if (asTexts(identities).length + asObjects(refs).length === 0) return 'no identity is given';
  const bad = asTexts(identities).find((identity) => !isIdentity(identity));
  if (bad !== undefined) return `"${bad}" is no identity`;
  return asObjects(refs)
    .map(whyIdentityRefRefused)
    .find((why) => why !== undefined);
}

/** The same for a NetworkAuthentication. */
export function whyNetworkAuthenticationRefused({ spec }: KubeObject): string | undefined {
  const networks = at(spec, 'networks');
  if (asObjects(networks).length === 0) return 'at least one network is needed';
  return whyNetworksRefused(networks);
}

/** The same for an EgressNetwork. */
export function whyEgressNetworkRefused({ spec }: KubeObject): string | undefined {
  const networks = at(spec, 'networks');
  if (!['Allow', 'Deny'].includes(asText(at(spec, 'trafficPolicy')) ?? '')) return 'trafficPolicy is Allow or Deny';
  if (networks !== undefined && asObjects(networks).length === 0) return 'at least one network is needed';
  return whyNetworksRefused(networks);
}

function whyIdentityRefRefused(ref: JsonObject): string | undefined {
  if (targetsKind(ref, KIND.serviceAccount)) return undefined;
  if (!targetsKind(ref, KIND.namespace)) return `${kindOfRef(ref)} is no source of identities`;
  return ref['namespace'] === undefined ? undefined : 'a Namespace stands in no namespace';
}
