import { at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';

/** Served: read as such from a cluster, defined by a CRD of the world, or used by an object of it. */
export function isServed(world: World, kind: Kind): boolean {
  if (world.list(kind).objects.length > 0) return true;
  if (world.coverage.entries.some((entry) => entry.kind === kind && entry.state === 'read')) return true;
  const short = kind.slice(kind.lastIndexOf('/') + 1);
  return world
    .list(KIND.customResourceDefinition)
    .objects.some(
      ({ spec }) => at(spec, 'names', 'kind') === short && at(spec, 'group') === kind.slice(0, kind.indexOf('/')),
    );
}
