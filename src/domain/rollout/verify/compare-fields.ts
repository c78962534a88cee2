import { asObject, type JsonObject } from '../../../lib/json.ts';
import { mergeKeysOf, sameMember } from './merged-lists.ts';

/** Fields that a live object may have beyond those that were written: `merged` allows them in maps and not within lists. */
export type Extras = 'none' | 'merged' | 'any';

/** A field that differs; the texts are JSON, or `nothing`. */
export interface FieldDifference {
  readonly path: readonly string[];
  readonly wanted: string;
  readonly found: string;
}

/** What of the written fields is not in the object, and what of them can never be read back. */
export interface FieldComparison {
  readonly differences: readonly FieldDifference[];
  /** Fields that admission leaves out of every world, or whose text it changes. */
  readonly unread: readonly (readonly string[])[];
}

/** Written fields: as they were written, and as a world would hold them. */
export interface Written {
  readonly raw: JsonObject;
  readonly kept: JsonObject;
}

/** Whether the API server adds the field by itself to an object with these written siblings. */
export type IsDefault = (field: string, value: unknown, siblings: JsonObject) => boolean;

interface Rules {
  readonly isDefault: IsDefault;
  readonly differences: FieldDifference[];
  readonly unread: (readonly string[])[];
}

interface Place {
  readonly path: readonly string[];
  readonly raw: unknown;
  readonly kept: unknown;
  readonly found: unknown;
  readonly extras: Extras;
}

const NOTHING = 'nothing';
const LONGEST = 160;

/**
 * Reads written fields back from a live object. Null means that the field must not be there; an empty map or list that
 * it must be empty; lists that merge by a key are compared by it, all others member by member.
 */
export function compareFields(
  written: Written,
  found: JsonObject,
  how: { readonly extras: Extras; readonly isDefault: IsDefault },
): FieldComparison {
  const rules: Rules = { isDefault: how.isDefault, differences: [], unread: [] };
  compareMaps({ path: [], ...written, found, extras: how.extras }, written.raw, rules);
  return { differences: rules.differences, unread: rules.unread };
}

function compare(place: Place, rules: Rules): void {
  const { raw, kept, found, path } = place;
  if (raw === undefined) return;
  if (raw === null) {
    if (found !== undefined && found !== null) differ(place, rules, NOTHING);
    return;
  }
  if (isEmpty(raw) && found === undefined) return;
  if (found === undefined || found === null) {
    differ(place, rules, jsonText(kept ?? raw));
    return;
  }
  const map = asObject(raw);
  if (map !== undefined) compareMaps(place, map, rules);
  else if (Array.isArray(raw)) compareLists(place, raw, rules);
  else if (kept !== raw) rules.unread.push(path);
  else if (found !== kept) differ(place, rules, jsonText(kept));
}

function compareMaps(place: Place, raw: JsonObject, rules: Rules): void {
  const { path, extras } = place;
  const [found, kept] = [asObject(place.found), asObject(place.kept)];
  if (kept === undefined) {
    rules.unread.push(path);
    return;
  }
  if (found === undefined) {
    differ(place, rules, jsonText(kept));
    return;
  }
  for (const [field, value] of Object.entries(raw)) {
    const inner = { path: [...path, field], raw: value, kept: own(kept, field), found: own(found, field), extras };
    if (value !== null && value !== undefined && inner.kept === undefined) rules.unread.push(inner.path);
    else compare(inner, rules);
  }
  const isWhole = extras === 'none' || (path.length > 0 && extras === 'merged' && Object.keys(raw).length === 0);
  if (isWhole) refuseExtras({ path, raw, found }, rules);
}

function refuseExtras(
  { path, raw, found }: { readonly path: readonly string[]; readonly raw: JsonObject; readonly found: JsonObject },
  rules: Rules,
): void {
  for (const [field, value] of Object.entries(found)) {
    if (value === undefined || Object.hasOwn(raw, field) || isEmpty(value)) continue;
    if (rules.isDefault(field, value, raw)) continue;
    rules.differences.push({ path: [...path, field], wanted: NOTHING, found: jsonText(value) });
  }
}

function compareLists(place: Place, raw: readonly unknown[], rules: Rules): void {
  const { path, found, kept } = place;
  if (!Array.isArray(kept) || kept.length !== raw.length) {
    rules.unread.push(path);
    return;
  }
  if (!Array.isArray(found)) {
    differ(place, rules, jsonText(kept));
    return;
  }
  const extras = place.extras === 'merged' ? 'none' : place.extras;
  const keys = place.extras === 'any' ? mergeKeysOf(path.at(-1) ?? '') : undefined;
  if (keys === undefined && found.length !== raw.length) {
    differ(place, rules, jsonText(kept));
    return;
  }
  for (const [index, member] of raw.entries()) {
    const own: unknown = keys === undefined ? found[index] : found.find((each) => sameMember(each, member, keys));
    compare({ path: [...path, String(index)], raw: member, kept: kept[index], found: own, extras }, rules);
  }
}

function differ({ path, found }: Place, rules: Rules, wanted: string): void {
  rules.differences.push({ path, wanted, found: found === undefined ? NOTHING : jsonText(found) });
}

function own(map: JsonObject, field: string): unknown {
  return Object.hasOwn(map, field) ? map[field] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const map = asObject(value);
  return map !== undefined && Object.keys(map).length === 0;
}

/** A value as JSON on one line, cut where it is long. */
export function jsonText(value: unknown): string {
  const text = value === undefined ? NOTHING : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
