import { editDistance } from '../../lib/edit-distance.ts';
import { usageError, type AppError } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json.ts';

/** A map of a configuration file, with the place that messages name. */
export interface Place {
  readonly value: JsonObject;
  /** As `meshwise.yaml: plan.waves`. */
  readonly where: string;
}

/** RFC 3339: a date, or a time with its offset, as a time without one would depend on where it is read. */
const TIME = /^(\d{4}-\d\d-\d\d)(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/** The map below the key; a refusal where something else is there, undefined where nothing is. */
export function placeAt({ value, where }: Place, key: string, allowed: readonly string[]): Place | undefined {
  if (value[key] === undefined) return undefined;
  return toPlace(value[key], `${where}${where.endsWith(':') ? ' ' : '.'}${key}`, allowed);
}

/** The value as a map that holds no key but these; `[]` allows any. */
export function toPlace(value: unknown, where: string, allowed: readonly string[]): Place {
  const map = asObject(value);
  if (map === undefined) {
    throw refusal(
      where,
      'it is not a map',
      allowed.length === 0 ? 'write it as key: value' : `give it ${allowed.join(', ')}`,
    );
  }
  if (allowed.length > 0) onlyKeys(map, allowed, where);
  return { value: map, where };
}

/** The list below the key, each member read with its own place; empty where there is none. */
export function listAt<T>(
  { value, where }: Place,
  key: string,
  read: (member: unknown, where: string) => T,
): readonly T[] {
  const list = value[key] === undefined ? [] : value[key];
  const here = `${where}${where.endsWith(':') ? ' ' : '.'}${key}`;
  if (!Array.isArray(list)) {
    throw refusal(here, 'it is not a list', 'begin each member with a dash, or leave the key out');
  }
  return list.map((member: unknown, index) => read(member, `${here}[${String(index)}]`));
}

/** The text below the key, which must hold something; with a pattern it must match. */
export function textAt({ value, where }: Place, key: string, rule?: TextRule): string {
  return toText(value[key], `${where}.${key}`, rule);
}

/** What a text has to look like. */
export interface TextRule {
  readonly pattern: RegExp;
  /** Ends `"x" is no ...`. */
  readonly what: string;
  readonly hint: string;
}

/** The value as text that holds something and that keeps the rule. */
export function toText(value: unknown, where: string, rule?: TextRule): string {
  const text = asText(value)?.trim() ?? '';
  if (text === '') throw refusal(where, 'it is missing, empty or not text', 'write it as text');
  if (rule !== undefined && !rule.pattern.test(text)) throw refusal(where, `"${text}" is no ${rule.what}`, rule.hint);
  return text;
}

/** The date or time below the key. */
export function dateAt(place: Place, key: string): string {
  const text = textAt(place, key);
  const day = TIME.exec(text)?.[1];
  if (day !== undefined && isDay(day)) return text;
  throw refusal(`${place.where}.${key}`, `"${text}" is no date`, 'write it as 2027-01-31 or 2027-01-31T12:00:00Z');
}

/** `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** The number below the key, undefined where there is none; a refusal with the hint where the test fails. */
export function numberAt(place: Place, key: string, rule: NumberRule): number | undefined {
  const number = place.value[key];
  if (number === undefined) return undefined;
  if (typeof number === 'number' && rule.test(number)) return number;
  throw refusal(`${place.where}.${key}`, `it is no ${rule.what}`, rule.hint);
}

/** Which numbers are taken. */
export interface NumberRule {
  readonly test: (value: number) => boolean;
  readonly what: string;
  readonly hint: string;
}

/** The yes or no below the key; no where there is none. */
export function booleanAt({ value, where }: Place, key: string): boolean {
  const said = value[key] ?? false;
  if (typeof said === 'boolean') return said;
  throw refusal(`${where}.${key}`, 'it is neither true nor false', 'write true or false');
}

/** A misspelt key would silently change what is accepted or planned. */
function onlyKeys(value: JsonObject, allowed: readonly string[], where: string): void {
  const strange = Object.keys(value).find((key) => !allowed.includes(key));
  if (strange !== undefined) {
    const near = allowed.find((key) => editDistance(strange.toLowerCase(), key.toLowerCase()) <= 2);
    const meant = near === undefined ? '' : `did you mean ${near}? `;
    const place = where.replace(/:$/, '');
    throw refusal(place, `it has no setting "${strange}"`, `${meant}the settings here are ${allowed.join(', ')}`);
  }
}

/** The usage error for a place of the configuration. */
export function refusal(where: string, what: string, hint: string): AppError {
  return usageError('bad-config', `${where}: ${what}`, hint);
}
