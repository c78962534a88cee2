import { mapFact, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { ServerEnd, Stranger } from '../mesh.ts';
import { knownControlPlane, type LinkerdControlPlane } from './control-plane.ts';
import { linkerdMarks } from './recognise.ts';

/** What names a workload to Linkerd: the control plane's namespace and trust domain, and the account. */
export interface IdentityParts {
  readonly controlPlaneNamespace: string;
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * The identity in a proxy's certificate: `ACCOUNT.NAMESPACE.serviceaccount.identity.CONTROL-PLANE.TRUST-DOMAIN`.
 * Source: linkerd2 controller/api/destination/endpoint_translator.go#createWeightedAddr.
 */
export function linkerdIdentity(parts: IdentityParts): string {
  const { serviceAccount, namespace, controlPlaneNamespace, trustDomain } = parts;
  const account = serviceAccount === '' ? 'default' : serviceAccount;
  return `${account}.${namespace}.serviceaccount.identity.${controlPlaneNamespace}.${trustDomain}`;
}

/** The identity of an account's pods under a control plane; unknown where its trust domain is. */
export function identityUnder(plane: LinkerdControlPlane, namespace: string, serviceAccount: string): Fact<string> {
  return mapFact(plane.trustDomain, (trustDomain) =>
    linkerdIdentity({ controlPlaneNamespace: plane.namespace, trustDomain, namespace, serviceAccount }),
  );
}

/** Meshed workloads under the server's control plane, with an account of their own and with the default one. */
export function strangersTo({ cohort }: Omit<ServerEnd, 'port'>, world: World): Fact<readonly Stranger[]> {
  const { controlPlane } = linkerdMarks(cohort.pod);
  const plane = knownControlPlane(world, controlPlane ?? 'linkerd');
  if (!plane.known) return plane;
  const { namespace: controlPlaneNamespace, trustDomain } = plane.value;
  return mapFact(trustDomain, (domain) => {
    const parts = { controlPlaneNamespace, trustDomain: domain, namespace: 'meshwise-stranger' };
    return [
      { from: 'any namespace', identity: linkerdIdentity({ ...parts, serviceAccount: 'stranger' }) },
      { from: 'account default of any namespace', identity: linkerdIdentity({ ...parts, serviceAccount: 'default' }) },
    ];
  });
}
