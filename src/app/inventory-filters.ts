import { ENROLMENT_STATES } from '../domain/inventory/enrolment-state.ts';
import { MTLS_MODES } from '../domain/inventory/port-rows.ts';
import type { InventoryScope } from '../domain/inventory/scope.ts';
import { parseSelectorText } from '../domain/kubernetes/label-selector.ts';
import { MESHES } from '../domain/mesh/registry.ts';
import { usageError } from '../lib/errors.ts';
import { nearest } from '../lib/nearest.ts';

/** What somebody typed to limit the rows of an inventory; each list may also hold values joined by commas. */
export interface TypedFilters {
  readonly namespaces?: readonly string[] | undefined;
  /** `-A`: whatever namespaces are given beside it, as kubectl has it. */
  readonly allNamespaces?: boolean | undefined;
  readonly selector?: string | undefined;
  readonly meshes?: readonly string[] | undefined;
  readonly modes?: readonly string[] | undefined;
  readonly states?: readonly string[] | undefined;
}

/** The meshes that `--mesh` knows, and what it may be instead of one. */
export const MESH_CHOICES: readonly string[] = [...MESHES.map(({ id }) => id), 'none', 'unknown'];

/** The scope that the filters mean. Throws a usage error for a value that is no choice, with the choices. */
export function scopeOf({ namespaces, allNamespaces, selector, meshes, modes, states }: TypedFilters): InventoryScope {
  return {
    namespaces: allNamespaces === true ? [] : listed(namespaces),
    meshes: listed(meshes).map((word) => chosen('mesh', word, MESH_CHOICES)),
    modes: listed(modes).map((word) => chosen('mode', word, MTLS_MODES)),
    states: listed(states).map((word) => chosen('state', word, ENROLMENT_STATES)),
    ...(selector === undefined ? {} : { selector: selectorOf(selector) }),
  };
}

/** Values as they were typed, one by one: two of them may be joined by a comma. */
export function listed(values: readonly string[] = []): readonly string[] {
  const words = values.flatMap((value) => value.split(',')).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

function chosen<Choice extends string>(flag: string, word: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === word.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(word, choices);
  throw usageError(
    `unknown-${flag}`,
    `--${flag} ${word.slice(0, 60)} is no ${flag} that meshwise knows`,
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    `the choices are: ${choices.join(', ')}`,
  );
}

function selectorOf(text: string): NonNullable<InventoryScope['selector']> {
  const selector = parseSelectorText(text);
  if (selector !== undefined) return selector;
  throw usageError(
    'bad-selector',
    `--selector ${text.slice(0, 100)} is not a label selector`,
    'write it as for kubectl: app=cart,tier!=cache or "app in (cart, pay)"',
  );
}
