import { KIND } from '../../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../../kubernetes/label-selector.ts';
import { refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { asObject, asObjects, asText, asTexts, at } from '../../../../lib/json.ts';
import { known } from '../../../world/fact.ts';
import { admissionDoubt } from './admission.ts';
import { accountOf, type Lookup } from './authentications.ts';
import type { PolicyGrants } from './authorization-policies.ts';
import type { Clients, Grant } from './grant.ts';
import { parseIdentityMatch } from './identities.ts';
import { EVERYWHERE, networksOf, readNetworks } from './networks.ts';

/** The ServerAuthorizations of a namespace that are about a Server: by its name, or by its labels. */
export function serverAuthorizations(server: KubeObject, lookup: Lookup): PolicyGrants {
  const { objects, gap } = lookup.world.listIn(KIND.serverAuthorization, server.metadata.namespace ?? '');
  const about = objects.filter((object) => isAbout(object, server));
  return { grants: about.flatMap((object) => grantOf(object, lookup) ?? []), objects: about, gap };
}

function isAbout({ spec }: KubeObject, server: KubeObject): boolean {
  const name = asText(at(spec, 'server', 'name'));
  if (name !== undefined) return name === server.metadata.name;
  return matchesSelector(parseLabelSelector(at(spec, 'server', 'selector')), server.metadata.labels);
}

/**
 * What a ServerAuthorization grants; without networks those of the cluster are meant, where an AuthorizationPolicy
 * means all. Undefined where it names no client or cannot be read.
 * Source: linkerd2 policy-controller/k8s/index/src/inbound/server_authorization.rs, policy-controller/grpc/src/inbound.rs#to_authz.
 */
function grantOf(object: KubeObject, lookup: Lookup): Grant | undefined {
  const label = { group: 'policy.linkerd.io', kind: 'serverauthorization', name: object.metadata.name };
  const base = { label, object: refOf(object) };
  const refused = admissionDoubt(object, lookup.world);
  if (refused !== undefined) return { ...base, clients: { kind: 'anybody' }, networks: EVERYWHERE, doubt: refused };
  const client = at(object.spec, 'client');
  const networks = readNetworks(at(client, 'networks'));
  const clients = clientsOf(client, object.metadata.namespace ?? '', lookup);
  if (networks === undefined || clients === undefined) return undefined;
  if (networks.length > 0) return { ...base, clients, networks: known(networks) };
  return { ...base, clients, networks: networksOf(lookup.plane.clusterNetworks, 'clusterNetworks'), clusterOnly: true };
}

function clientsOf(client: unknown, namespace: string, lookup: Lookup): Clients | undefined {
  if (at(client, 'unauthenticated') === true) return { kind: 'anybody' };
  const tls = asObject(at(client, 'meshTLS'));
  if (tls === undefined) return undefined;
  if (tls['unauthenticatedTLS'] === true) return { kind: 'any-tls' };
  const accounts = asObjects(tls['serviceAccounts']).map((account) => accountOf(account, namespace, lookup));
  const matches = [...asTexts(tls['identities']).map((text) => known(parseIdentityMatch(text))), ...accounts];
  return matches.length === 0 ? undefined : { kind: 'identities', matches };
}
