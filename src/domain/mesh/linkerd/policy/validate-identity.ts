const SPIFFE = 'spiffe://';
const DNS_LIKE = /^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const TRUST_DOMAIN = /^[a-z0-9._-]+$/;
const PATH_SEGMENT = /^[A-Za-z0-9._-]+$/;

/**
 * Whether an identity string is a DNS name, with at most a star in front, or a SPIFFE id.
 * Source: linkerd2 policy-controller/runtime/src/validation.rs#validate_identity.
 */
export function isIdentity(identity: string): boolean {
  if (!identity.startsWith(SPIFFE)) return DNS_LIKE.test(identity);
  const [trustDomain = '', ...segments] = identity.slice(SPIFFE.length).split('/');
  return TRUST_DOMAIN.test(trustDomain) && segments.every((part) => PATH_SEGMENT.test(part) && !/^\.\.?$/.test(part));
}
