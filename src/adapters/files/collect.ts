import { admit } from '../../domain/world/admit.ts';
import { keyOf, refOf, formatRef } from '../../domain/kubernetes/object.ts';
import type { KubeObject } from '../../domain/kubernetes/object.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parseYaml } from '../yaml/read.ts';
import type { SetAside } from './reading.ts';
import { formatSetAside } from './reading.ts';
import { placeObjects } from './place-objects.ts';
import type { Scopes } from './place-objects.ts';
import type { ListRecord } from './unpack.ts';

/** What was found so far, over all files. */
export interface Collection {
  /** In the order in which they were found; identities are settled only when all are read. */
  readonly found: KubeObject[];
  readonly lists: ListRecord[];
  readonly setAside: SetAside[];
  readonly warnings: string[];
  secretsSeen: number;
  files: number;
  kubernetesVersion: string | undefined;
}

/** Nothing found yet. */
export function emptyCollection(): Collection {
  return { found: [], lists: [], setAside: [], warnings: [], secretsSeen: 0, files: 0, kubernetesVersion: undefined };
}

/** Admits one object that stands at the place. */
export function collectObject(raw: JsonObject, place: { file: string; line: number }, collection: Collection): void {
  const admitted = admit(raw, { from: 'read', ...place }, parseYaml);
  if ('setAside' in admitted) {
    const code = admitted.setAside === 'no kind' ? 'no-kind' : 'invalid';
    collection.setAside.push({ ...place, code, reason: admitted.setAside });
  } else if ('dropped' in admitted) {
    if (admitted.dropped === 'Secret') collection.secretsSeen += 1;
  } else {
    collection.found.push(admitted.object);
    for (const reason of admitted.warnings) {
      collection.warnings.push(
        formatSetAside({ ...place, code: 'invalid', reason: `${formatRef(refOf(admitted.object))}: ${reason}` }),
      );
    }
  }
}

/** The objects with each identity once. */
export interface Settled {
  readonly objects: readonly KubeObject[];
  readonly conflicts: number;
  readonly warnings: readonly string[];
  readonly scopes: Scopes;
}

/** Gives every object its namespace and keeps the last of those that are the same object. */
export function settle(found: readonly KubeObject[], namespaceForUnset: string): Settled {
  const { placed, scopes } = placeObjects(found, namespaceForUnset);
  const byKey = new Map<string, KubeObject>();
  const warnings: string[] = [];
  for (const object of placed) {
    const key = keyOf(refOf(object));
    const before = byKey.get(key);
    if (before !== undefined && !isSame(before, object)) {
      warnings.push(
        `${formatRef(refOf(object))} is in ${whereIs(before)} and, different, in ${whereIs(object)}; the last is used`,
      );
    }
    byKey.set(key, object);
  }
  const conflicts = warnings.length;
  if (conflicts > 10 && conflicts > byKey.size / 10) {
    warnings.push('these files look like several clusters; give them separately');
  }
  return { objects: [...byKey.values()], conflicts, warnings, scopes };
}

function whereIs({ origin }: KubeObject): string {
  if (origin.from !== 'read' || origin.file === undefined) return 'an unnamed place';
  return `${origin.file}${origin.line === undefined ? '' : `:${String(origin.line)}`}`;
}

function isSame(left: KubeObject, right: KubeObject): boolean {
  return canonical({ ...left, origin: null }) === canonical({ ...right, origin: null });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
