import { known, unknown, type Fact } from '../../../world/fact.ts';

/** Anything but visible ASCII, and all that a proxy may decode, merge or remove. */
const MAY_CHANGE = /[^\x21-\x7e]|[%\\#]|\/\/|\/\.{1,2}(?:\/|$)/;

/**
 * The path of a request as policies compare it: without its query, and after the normalization that the mesh asks for.
 * Unknown where any normalization may change the path, because which one is in force is not followed.
 * Source: https://istio.io/latest/docs/reference/config/security/normalization/
 */
export function comparedPath(path: string): Fact<string> {
  const [bare = ''] = path.split('?', 1);
  if (bare.startsWith('/') && !MAY_CHANGE.test(bare)) return known(bare);
  return unknown('the path of the call is not in normal form, and what proxies make of it is not followed');
}
