import { known, unknown, type Fact } from '../../../world/fact.ts';
import { matchesPattern } from './string-match.ts';

const LITERAL_SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()+,;=:@]|%[0-9A-Fa-f]{2})*$/;

/** Whether the path holds a template operator: `{*}` for one segment or `{**}` for any number of them. */
export function isPathTemplate(path: string): boolean {
  return path.includes('{*}') || path.includes('{**}');
}

/**
 * Whether validation takes a `paths` value: braces may only stand as whole-segment operators, `{**}` must be the last
 * operator, and what is literal beside operators must be made of RFC 3986 path characters.
 * Source: istio pkg/config/security/security.go, CheckValidPathTemplate.
 */
export function isValidPath(path: string): boolean {
  if (!/[{}]/.test(path)) return true;
  if (!path.startsWith('/')) return false;
  const segments = path.slice(1).split('/');
  const operators = segments.filter((segment) => isOperator(segment));
  const anyAt = operators.indexOf('{**}');
  if (anyAt >= 0 && anyAt !== operators.length - 1) return false;
  return segments.every((segment) => isOperator(segment) || LITERAL_SEGMENT.test(segment));
}

/**
 * Whether a path matches a `paths` value, in the common string form or as a template. Unknown where upstream leaves it
 * open: a template that ends in a slash or that validation refuses, and a `{**}` that would have to stand for nothing together with its slash.
 * Source: istio.io/api security/v1beta1/authorization_policy.proto, Operation.paths.
 */
export function matchesPath(pattern: string, path: string): Fact<boolean> {
  if (!isPathTemplate(pattern)) return known(matchesPattern(pattern, path));
  const open = unknown(`whether the path template ${pattern} matches ${path} is not settled upstream`);
  if (pattern.endsWith('/') || !isValidPath(pattern)) return open;
  if (templateExpression(pattern).test(path)) return known(true);
  const bare = pattern.replace('/{**}', '');
  return bare !== pattern && templateExpression(bare).test(path) ? open : known(false);
}

function isOperator(segment: string): boolean {
  return segment === '{*}' || segment === '{**}';
}

function templateExpression(template: string): RegExp {
  const segments = template.split('/').map((segment) => {
    if (segment === '{*}') return '[^/]+';
    if (segment === '{**}') return '.*';
    return segment.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  });
  return new RegExp(`^${segments.join('/')}$`, 's');
}
