import type { Kind } from './object.ts';

/** Kinds whose name is a plural already, so that their resource has the same. */
const PLURAL_ALREADY = new Set(['endpoints', 'serviceintentions', 'servicedefaults', 'proxydefaults']);

/**
 * The resource of a kind, as `authorizationpolicies` for `security.istio.io/AuthorizationPolicy`: what roles and paths
 * name. A cluster says it by itself; this is for where there is none.
 * Source: https://github.com/kubernetes/apimachinery/blob/master/pkg/api/meta/restmapper.go (UnsafeGuessKindToResource),
 * with what the authors of custom kinds write where that rule is no English.
 */
export function resourceOf(kind: Kind): string {
  const name = kind.slice(kind.indexOf('/') + 1).toLowerCase();
  if (PLURAL_ALREADY.has(name)) return name;
  if (/(s|x|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
