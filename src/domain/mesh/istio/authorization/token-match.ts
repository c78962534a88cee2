import { asTexts, at } from '../../../../lib/json.ts';
import type { Token } from './connection.ts';
import { matchesPattern } from './string-match.ts';

/**
 * Whether a `requestPrincipals` value matches the issuer and subject of a token. The value is split at its last slash,
 * because an issuer may be a URL; without a slash a leading star is a suffix of the subject, a trailing star a prefix of
 * the issuer. Source: istio pilot/pkg/security/authz/model/generator.go, requestPrincipalGenerator.
 */
export function matchesRequestPrincipal(value: string, issuer: string, subject: string): boolean {
  if (value === '*') return issuer !== '' && subject !== '';
  const slash = value.lastIndexOf('/');
  if (value.startsWith('*')) {
    if (slash < 0) return issuer !== '' && subject.endsWith(value.slice(1));
    return matchesPattern(value.slice(0, slash), issuer) && subject === value.slice(slash + 1);
  }
  if (value.endsWith('*')) {
    if (slash < 0) return issuer.startsWith(value.slice(0, -1)) && subject !== '';
    return issuer === value.slice(0, slash) && matchesPattern(value.slice(slash + 1), subject);
  }
  return slash >= 0 && issuer === value.slice(0, slash) && subject === value.slice(slash + 1);
}

/** Whether one value of a `request.auth.*` attribute matches the token. */
export function matchesToken(attribute: string, value: string, token: Token): boolean {
  if (attribute === 'request.auth.principal') return matchesRequestPrincipal(value, token.issuer, token.subject);
  if (attribute === 'request.auth.audiences')
    return token.audiences.some((audience) => matchesPattern(value, audience));
  if (attribute === 'request.auth.presenter') return matchesPattern(value, token.presenter ?? '');
  const claim = at(token.claims, ...bracketParts(attribute));
  const texts = typeof claim === 'string' ? [claim] : asTexts(claim);
  return texts.some((text) => matchesPattern(value, text));
}

/** The names in brackets at the end of a key: `request.auth.claims[a][b]` has `a` and `b`. */
export function bracketParts(key: string): readonly string[] {
  const open = key.indexOf('[');
  return open < 0 || !key.endsWith(']') ? [] : key.slice(open + 1, -1).split('][');
}
