import type { ObjectRef } from '../../../kubernetes/object.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { AccessPolicy } from './access-policy.ts';
import { ANY_DNS_IDENTITY, matchesIdentity, type IdentityMatch } from './identities.ts';
import { EVERYWHERE, networksHold, type Networks } from './networks.ts';
import { allOf, anyOf } from '../../../world/three-valued.ts';

/** What Linkerd's metrics call a server, a route or an authorization; the group is empty for defaults. */
export interface Label {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Who is let in: anybody, anybody with mesh TLS even without a certificate, or those with one of the identities. */
export type Clients =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'any-tls' }
  | { readonly kind: 'identities'; readonly matches: readonly Fact<IdentityMatch>[] };

/** One authorization as the proxy gets it: clients that come from the networks. Grants only ever add. */
export interface Grant {
  readonly label: Label;
  readonly object?: ObjectRef;
  readonly clients: Clients;
  readonly networks: Networks;
  /** Whether the networks are those of the cluster, which hold all of its pods if they are set as they should. */
  readonly clusterOnly?: boolean;
  /** Why it is not known that the grant is in force; absent where it is. */
  readonly doubt?: string;
}

/** Who calls, as the server's proxy sees it. */
export interface Client {
  readonly ip: Fact<string>;
  /** Whether the call comes from an address inside the cluster networks, where that is known without the address. */
  readonly inCluster: Fact<boolean>;
  /** Whether mesh TLS was established. */
  readonly tls: Fact<boolean>;
  /** Undefined where the client shows no certificate. */
  readonly identity: Fact<string | undefined>;
}

/** The label of a default: `all-authenticated`, `probe`, `localhost`. */
export function defaultLabel(name: string): Label {
  return { group: '', kind: 'default', name };
}

/**
 * The proxy's own grant to the loopback addresses, on top of every policy.
 * Source: linkerd2-proxy linkerd/proxy/server-policy/src/lib.rs.
 */
export const LOCALHOST: Grant = {
  label: defaultLabel('localhost'),
  clients: { kind: 'anybody' },
  networks: known([
    { cidr: { family: 4, network: 0x7f00_0001n, prefixLength: 32 }, except: [] },
    { cidr: { family: 6, network: 1n, prefixLength: 128 }, except: [] },
  ]),
};

/** What an access policy grants; nothing for `deny`. Source: linkerd2 policy-controller/k8s/index/src/defaults.rs. */
export function grantsOfPolicy(policy: AccessPolicy, clusterNetworks: Networks): readonly Grant[] {
  if (policy === 'deny') return [];
  const clusterOnly = policy.startsWith('cluster-');
  const authenticated = policy.endsWith('-authenticated');
  return [
    {
      label: defaultLabel(policy),
      clients: authenticated ? { kind: 'identities', matches: [known(ANY_DNS_IDENTITY)] } : { kind: 'anybody' },
      networks: clusterOnly ? clusterNetworks : EVERYWHERE,
      clusterOnly,
    },
  ];
}

/** Whether a grant lets the client in: its address is in the networks and its identity is one of those meant. */
export function admits(grant: Grant, client: Client): Fact<boolean> {
  const admitted = allOf([clientsHold(grant.clients, client), comesFrom(grant, client)]);
  if (grant.doubt === undefined || (admitted.known && !admitted.value)) return admitted;
  return unknown(grant.doubt);
}

/** The first grant that lets the client in, as the proxy looks; unknown where none does for sure and one may. */
export function firstAdmitting(grants: readonly Grant[], client: Client): Fact<Grant | undefined> {
  const answers = grants.map((grant) => ({ grant, answer: admits(grant, client) }));
  const sure = answers.find(({ answer }) => answer.known && answer.value);
  if (sure !== undefined) return known(sure.grant);
  const doubtful = answers.map(({ answer }) => answer).find((answer) => !answer.known);
  return doubtful ?? known(undefined);
}

function comesFrom({ networks, clusterOnly }: Grant, client: Client): Fact<boolean> {
  const held = networksHold(networks, client.ip);
  if (held.known || clusterOnly !== true) return held;
  if (client.inCluster.known && client.inCluster.value) return known(true);
  return client.inCluster.known ? held : client.inCluster;
}

function clientsHold(clients: Clients, { tls, identity }: Client): Fact<boolean> {
  if (clients.kind === 'anybody') return known(true);
  if (clients.kind === 'any-tls' || (tls.known && !tls.value)) return tls;
  if (!identity.known) return identity;
  const { value } = identity;
  if (value === undefined) return known(false);
  return anyOf(clients.matches.map((match) => (match.known ? known(matchesIdentity(match.value, value)) : match)));
}
