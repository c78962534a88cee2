/** A default inbound policy, and the `accessPolicy` of a Server. */
export type AccessPolicy =
  'all-unauthenticated' | 'all-authenticated' | 'cluster-unauthenticated' | 'cluster-authenticated' | 'deny' | 'audit';

const POLICIES: ReadonlySet<string> = new Set<AccessPolicy>([
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
]);

/**
 * The policy of that name, letter by letter; undefined for any other text, which Linkerd ignores.
 * Source: linkerd2 policy-controller/k8s/index/src/defaults.rs#from_str.
 */
export function parseAccessPolicy(text: string): AccessPolicy | undefined {
  return isAccessPolicy(text) ? text : undefined;
}

/** The policy on a port that requires identity: those that allow ask for one; `deny` and `audit` stay as they are. */
export function withIdentityRequired(policy: AccessPolicy): AccessPolicy {
  if (policy === 'all-unauthenticated') return 'all-authenticated';
  return policy === 'cluster-unauthenticated' ? 'cluster-authenticated' : policy;
}

function isAccessPolicy(text: string): text is AccessPolicy {
  return POLICIES.has(text);
}
