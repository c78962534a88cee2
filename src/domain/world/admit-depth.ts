import type { JsonObject } from '../../lib/json.ts';

/** How deep lists and objects may lie in each other; no object of a cluster comes near, and YAML is refused there too. */
export const DEEPEST = 400;

/** Why an object is set aside that lies deeper than that: what walks it takes a step of the stack for each level. */
export const TOO_DEEP = `nested too deeply: more than ${String(DEEPEST)} levels`;

/** Whether lists and objects lie in each other on more levels than that; looks no further than to the first below. */
export function isTooDeep(value: unknown, levels = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((member) => isTooDeep(member, levels - 1));
  const members = value as JsonObject;
  // Every object of a cluster comes by here, and this visits members without a list of them.
  for (const key in members) if (isTooDeep(members[key], levels - 1)) return true;
  return false;
}
