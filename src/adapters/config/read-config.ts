import type { Waiver } from '../../domain/checks/check.ts';
import type { Choices } from '../../domain/rollout/choices.ts';
import { asObject } from '../../lib/json.ts';
import { readYaml } from '../yaml/read.ts';
import { placeAt, refusal, toPlace, type Place } from './config-values.ts';
import { PLAN_SETTINGS, readChoices } from './read-choices.ts';
import { readWaivers } from './read-waivers.ts';

/** What a configuration says. */
export interface Config {
  /** Findings that somebody accepts. */
  readonly waivers: readonly Waiver[];
  /** What people decided about a rollout; undefined where the file has no `plan`. */
  readonly choices?: Choices;
}

/**
 * The configuration in the text of a meshwise.yaml; the path is for messages. Whatever is not understood is a usage
 * error that names the place.
 */
export function readConfig(file: string, text: string): Config {
  const root = rootOf(file, text);
  if (root === undefined) return { waivers: [] };
  const plan = placeAt(root, 'plan', PLAN_SETTINGS);
  return { waivers: readWaivers(root), ...(plan === undefined ? {} : { choices: readChoices(plan) }) };
}

/** Undefined where the file says nothing at all. */
function rootOf(file: string, text: string): Place | undefined {
  const [document, second] = [...readYaml(text)];
  if (document === undefined) return undefined;
  if ('error' in document) {
    const { line, message } = document.error;
    throw refusal(`${file}:${String(line)}`, message, 'correct the YAML');
  }
  if (second !== undefined) throw refusal(file, 'it holds more than one document', 'keep one');
  if (document.value === null) return undefined;
  const [repeated] = document.warnings;
  if (repeated !== undefined) throw refusal(file, repeated, 'write each key once');
  if (asObject(document.value) === undefined)
    throw refusal(file, 'it is not a map of settings', 'begin with plan: or waivers:');
  return toPlace(document.value, `${file}:`, ['waivers', 'plan']);
}
