import type { World } from '../domain/world/world.ts';
import { usageError } from '../lib/errors.ts';

/** Throws a usage error for a namespace of which nothing was read: a misspelt one must not look like an empty one. */
export function refuseUnknownNamespaces(world: World, namespaces: readonly string[]): void {
  const there = world.namespaces();
  const missing = namespaces.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  throw usageError(
    'unknown-namespace',
    `nothing was read of the namespace ${missing.join(', ')}`,
    there.length === 0 ? 'no namespace was read at all' : `there are: ${there.join(', ')}`,
  );
}
