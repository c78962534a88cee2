import type { Waiver } from '../../domain/checks/check.ts';
import { usageError, type AppError } from '../../lib/errors.ts';
import { editDistance } from '../../lib/edit-distance.ts';
import { asObject, asText, type JsonObject } from '../../lib/json.ts';
import { readYaml } from '../yaml/read.ts';

const REQUIRED = ['check', 'reason', 'owner', 'expires'] as const;
const ALLOWED: readonly string[] = [...REQUIRED, 'object'];

/** RFC 3339: a date, or a time with its offset, as a time without one would depend on where it is read. */
const TIME = /^(\d{4}-\d\d-\d\d)(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * The waivers of a meshwise.yaml, given its path (for messages) and its text. A waiver accepts what it covers, so
 * whatever is not understood is a usage error that names the place, and never skipped.
 */
export function readWaivers(file: string, text: string): readonly Waiver[] {
  const [document, second] = [...readYaml(text)];
  if (document === undefined) return [];
  if ('error' in document) {
    const { line, message } = document.error;
    throw refusal(`${file}:${String(line)}`, message, 'correct the YAML');
  }
  if (second !== undefined) throw refusal(file, 'it holds more than one document', 'keep one');
  if (document.value === null) return [];
  const [repeated] = document.warnings;
  if (repeated !== undefined) throw refusal(file, repeated, 'write each key once');
  const root = asObject(document.value);
  if (root === undefined) throw refusal(file, 'it is not a map of settings', 'begin with waivers:');
  onlyKeys(root, ['waivers'], file);
  const waivers = root['waivers'] === undefined ? [] : root['waivers'];
  if (!Array.isArray(waivers))
    throw refusal(`${file}: waivers`, 'it is not a list', 'begin each waiver with a dash, or leave the key out');
  return waivers.map((each: unknown, index) => readWaiver(each, `${file}: waivers[${String(index)}]`));
}

function readWaiver(value: unknown, where: string): Waiver {
  const waiver = asObject(value);
  if (waiver === undefined) throw refusal(where, 'it is not a map', `give it ${REQUIRED.join(', ')}`);
  onlyKeys(waiver, ALLOWED, where);
  const { object } = waiver;
  return {
    check: checkAt(waiver, where),
    reason: textAt(waiver, 'reason', where),
    owner: textAt(waiver, 'owner', where),
    expires: dateAt(waiver, where),
    ...(object === undefined ? {} : { object: textAt(waiver, 'object', where) }),
  };
}

function textAt(waiver: JsonObject, key: string, where: string): string {
  const text = asText(waiver[key])?.trim() ?? '';
  if (text === '') throw refusal(`${where}.${key}`, 'it is missing, empty or not text', 'write it as text');
  return text;
}

function checkAt(waiver: JsonObject, where: string): string {
  const id = textAt(waiver, 'check', where);
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) return id;
  throw refusal(`${where}.check`, `"${id}" is no id of a check`, 'meshwise explain lists all checks');
}

function dateAt(waiver: JsonObject, where: string): string {
  const text = textAt(waiver, 'expires', where);
  const day = TIME.exec(text)?.[1];
  if (day !== undefined && isDay(day)) return text;
  throw refusal(`${where}.expires`, `"${text}" is no date`, 'write it as 2027-01-31 or 2027-01-31T12:00:00Z');
}

/** `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A misspelt key would silently widen what a waiver accepts. */
function onlyKeys(value: JsonObject, allowed: readonly string[], where: string): void {
  const strange = Object.keys(value).find((key) => !allowed.includes(key));
  if (strange !== undefined) {
    const near = allowed.find((key) => editDistance(strange.toLowerCase(), key) <= 2);
    const meant = near === undefined ? '' : `did you mean ${near}? `;
    throw refusal(where, `it has no setting "${strange}"`, `${meant}the settings here are ${allowed.join(', ')}`);
  }
}

function refusal(where: string, what: string, hint: string): AppError {
  return usageError('bad-config', `${where}: ${what}`, hint);
}
