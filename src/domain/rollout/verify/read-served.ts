import { at, asText } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { groupOf, type Kind } from '../../kubernetes/object.ts';
import type { World } from '../../world/world.ts';
import { told, type Told } from './tell.ts';

/** Whether the API server knows the kind. */
export function readServed(world: World, kind: Kind): Told {
  const entry = world.coverage.entries.find((each) => each.kind === kind);
  if (entry?.state === 'read' || entry?.state === 'partial') return told('met', `${kind} is served`);
  if (world.list(kind).objects.length > 0) return told('met', `${kind} is served: objects of it are there`);
  if (entry?.state === 'absent') return told('unmet', `${kind} is not served`);
  if (isDefined(world, kind)) return told('met', `${kind} is served: its CustomResourceDefinition is there`);
  const reason = entry === undefined ? 'nothing says which kinds the API server serves' : (entry.reason ?? entry.state);
  return told('unknown', `whether ${kind} is served is not known: ${reason}`);
}

function isDefined(world: World, kind: Kind): boolean {
  const slash = kind.lastIndexOf('/');
  return world.list(KIND.customResourceDefinition).objects.some(({ spec }) => {
    const group = asText(at(spec, 'group')) ?? '';
    return group === groupOf(kind) && asText(at(spec, 'names', 'kind')) === kind.slice(slash + 1);
  });
}
