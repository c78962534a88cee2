import type { Waiver } from '../../domain/checks/check.ts';
import { usageError, type AppError } from '../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../lib/json.ts';
import { readYaml } from '../yaml/read.ts';

const REQUIRED = ['check', 'reason', 'owner', 'expires'] as const;
const ALLOWED: readonly string[] = [...REQUIRED, 'object'];

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
  const waivers = root['waivers'] ?? [];
  if (!Array.isArray(waivers)) throw refusal(`${file}: waivers`, 'it is not a list', 'begin each waiver with a dash');
  return waivers.map((each: unknown, index) => readWaiver(each, `${file}: waivers[${String(index)}]`));
}

function readWaiver(value: unknown, where: string): Waiver {
  const waiver = asObject(value);
  if (waiver === undefined) throw refusal(where, 'it is not a map', `give it ${REQUIRED.join(', ')}`);
  onlyKeys(waiver, ALLOWED, where);
  const { object } = waiver;
  return {
    check: textAt(waiver, 'check', where),
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

function dateAt(waiver: JsonObject, where: string): string {
  const text = textAt(waiver, 'expires', where);
  if (/^\d{4}-\d\d-\d\d(T.+)?$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw refusal(`${where}.expires`, `"${text}" is no date`, 'write it as 2027-01-31');
}

/** A misspelt key would silently widen what a waiver accepts. */
function onlyKeys(value: JsonObject, allowed: readonly string[], where: string): void {
  const strange = Object.keys(value).find((key) => !allowed.includes(key));
  if (strange !== undefined) {
    throw refusal(where, `it has no setting "${strange}"`, `the settings here are ${allowed.join(', ')}`);
  }
}

function refusal(where: string, what: string, hint: string): AppError {
  return usageError('bad-config', `${where}: ${what}`, hint);
}
