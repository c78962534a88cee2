import { asTexts, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import type { Call } from './call.ts';
import { entryNames } from './external-ports.ts';
import type { UnresolvedCall } from './found-calls.ts';

/**
 * The ServiceEntries of hosts that nobody is known to call. An entry says that somebody calls its hosts and not who
 * does, so that whoever it is has no call to follow.
 */
export function uncalledEntries(world: World, calls: readonly Call[]): readonly UnresolvedCall[] {
  const entries = world.list(KIND.serviceEntry).objects;
  if (entries.length === 0) return [];
  const called = new Set(calls.flatMap(({ to }) => (to.kind === 'external-host' ? entryNames(to.host) : [])));
  return entries.flatMap((entry) => {
    const hosts = asTexts(at(entry.spec, 'hosts'));
    if (hosts.some((host) => called.has(host.toLowerCase()))) return [];
    const reason = `it registers ${hosts.join(', ')}, and who calls that is not known`;
    return [{ source: formatRef(refOf(entry)), reason }];
  });
}
