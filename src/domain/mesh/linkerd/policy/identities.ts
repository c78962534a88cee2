/** Which mesh identities are meant: one, or all DNS names below a suffix; the empty suffix is any DNS name. */
export type IdentityMatch =
  { readonly kind: 'exact'; readonly identity: string } | { readonly kind: 'suffix'; readonly suffix: string };

/** Any client certificate of the mesh with a DNS name: `*`. */
export const ANY_DNS_IDENTITY: IdentityMatch = { kind: 'suffix', suffix: '' };

/**
 * Reads an identity string: `*` is any DNS identity, `*.x` those below x, and anything else one identity; a star
 * elsewhere is a star. Source: linkerd2 policy-controller/core/src/identity_match.rs.
 */
export function parseIdentityMatch(text: string): IdentityMatch {
  if (text === '*') return ANY_DNS_IDENTITY;
  return text.startsWith('*.') ? { kind: 'suffix', suffix: text.slice(1) } : { kind: 'exact', identity: text };
}

/**
 * Whether an identity is meant. A URI (SPIFFE) is compared as a whole and never by suffix, not even by the empty one.
 * Source: linkerd2-proxy linkerd/app/inbound/src/policy.rs#is_tls_authorized.
 */
export function matchesIdentity(match: IdentityMatch, identity: string): boolean {
  if (match.kind === 'exact') return match.identity === identity;
  return !identity.includes('://') && identity.endsWith(match.suffix);
}
