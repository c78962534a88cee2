import { KIND } from '../../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { asObject, asObjects, at, type JsonObject } from '../../../../lib/json.ts';
import { admissionDoubt } from './admission.ts';
import { clientsMeant, networksMeant, type Lookup } from './authentications.ts';
import type { Clients, Grant } from './grant.ts';
import { EVERYWHERE, type Networks } from './networks.ts';
import { targetsKind, targetsObject } from './target-kind.ts';
import { whyReferencesRefused } from './validate-authorization.ts';

/** The grants of several policies, the policies themselves, and why there may be more of them. */
export interface PolicyGrants {
  readonly grants: readonly Grant[];
  readonly objects: readonly KubeObject[];
  readonly gap: string | undefined;
}

/** The AuthorizationPolicies of a namespace that are about a Server: by name, or through the namespace. */
export function policiesOnServer(server: KubeObject, lookup: Lookup): PolicyGrants {
  return policiesWhere(server.metadata.namespace ?? '', lookup, (target) => {
    return targetsKind(target, KIND.namespace) || targetsObject(target, server);
  });
}

/** The AuthorizationPolicies of a namespace that are about a route. */
export function policiesOnRoute(route: KubeObject, lookup: Lookup): PolicyGrants {
  return policiesWhere(route.metadata.namespace ?? '', lookup, (target) => targetsObject(target, route));
}

function policiesWhere(namespace: string, lookup: Lookup, isAbout: (target: JsonObject) => boolean): PolicyGrants {
  const { objects, gap } = lookup.world.listIn(KIND.linkerdAuthorizationPolicy, namespace);
  const about = objects.filter(({ spec }) => isAbout(asObject(at(spec, 'targetRef')) ?? {}));
  return { grants: about.flatMap((object) => grantOf(object, lookup) ?? []), objects: about, gap };
}

/**
 * What an AuthorizationPolicy grants: all of its authentications at once, and without any of them anybody from
 * anywhere. Undefined where one of them is not there, for then the policy is void.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/index.rs#policy_client_authz.
 */
export function grantOf(object: KubeObject, lookup: Lookup): Grant | undefined {
  const base = { label: labelOf(object), object: refOf(object) };
  const refused = admissionDoubt(object, lookup.world);
  if (refused !== undefined) return { ...base, clients: { kind: 'anybody' }, networks: EVERYWHERE, doubt: refused };
  const written = at(object.spec, 'requiredAuthenticationRefs');
  const refs = asObjects(written);
  if (!Array.isArray(written) || whyReferencesRefused(refs) !== undefined) return undefined;
  const namespace = object.metadata.namespace ?? '';
  const onNetworks = refs.find((ref) => targetsKind(ref, KIND.networkAuthentication));
  const onClients = refs.find((ref) => ref !== onNetworks);
  const clients = onClients === undefined ? ANYBODY : clientsMeant(onClients, namespace, lookup);
  const networks = onNetworks === undefined ? ANYWHERE : networksMeant(onNetworks, namespace, lookup);
  if ('missing' in clients || 'missing' in networks) return undefined;
  const doubt = clients.doubt ?? networks.doubt;
  return {
    ...base,
    clients: clients.demands,
    networks: networks.demands,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

const ANYBODY: { readonly demands: Clients; readonly doubt?: string } = { demands: { kind: 'anybody' } };
const ANYWHERE: { readonly demands: Networks; readonly doubt?: string } = { demands: EVERYWHERE };

function labelOf({ metadata }: KubeObject): Grant['label'] {
  return { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name: metadata.name };
}
