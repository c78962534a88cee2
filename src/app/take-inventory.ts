import { inventoryOf, type Inventory } from '../domain/inventory/inventory.ts';
import type { InventoryScope } from '../domain/inventory/scope.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';

/** Lists what the world holds; the scope limits the answer, never the reading. */
export function takeInventory({ world, graph, headFor }: OpenedWorld, scope: InventoryScope): ResultHead & Inventory {
  refuseUnknownNamespaces(world, scope.namespaces);
  return { ...headFor('Inventory'), ...inventoryOf(world, graph, scope) };
}
