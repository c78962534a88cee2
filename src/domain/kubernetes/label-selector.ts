import { asObject, asText, at, type JsonObject } from '../../lib/json.ts';
import { compareText, sortedUnique } from '../../lib/order.ts';

export type LabelOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';

/** One line of `matchExpressions`. `In` without values can never match; it stands for what could not be understood. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

/** A metav1.LabelSelector: all of its labels and all of its expressions must hold. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelRequirement[];
}

/**
 * The selector that a `selector`, `podSelector` or `namespaceSelector` field holds. A missing field gives the empty
 * selector, which matches everything; whether a missing field means "everything" or "nothing" is the caller's rule.
 * What the API server would refuse gives a requirement that never matches.
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector.
 */
export function parseLabelSelector(raw: unknown): LabelSelector {
  if (raw === undefined || raw === null) return { matchLabels: {}, matchExpressions: [] };
  const object = asObject(raw);
  if (object === undefined) return { matchLabels: {}, matchExpressions: [never('')] };
  const labels = parseMatchLabels(object['matchLabels']);
  return {
    matchLabels: labels.matchLabels,
    matchExpressions: [...labels.impossible, ...parseMatchExpressions(object['matchExpressions'])],
  };
}

/** The same as `matchesSelector`, for a selector that many labels are asked about. */
export function selectorMatcher(selector: LabelSelector): (labels: Readonly<Record<string, string>>) => boolean {
  const wanted = Object.entries(selector.matchLabels);
  return (labels) =>
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    selector.matchExpressions.every((requirement) => holds(requirement, labels));
}

/** Whether labels satisfy the selector. `NotIn` and `DoesNotExist` hold where the key is absent. */
export function matchesSelector(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  for (const key of Object.keys(selector.matchLabels)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== selector.matchLabels[key]) return false;
  }
  return selector.matchExpressions.every((requirement) => holds(requirement, labels));
}

/** Whether the selector asks for nothing, and so matches everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0;
}

/** The selector as kubectl's `-l` takes it, keys and values sorted; the empty selector is empty text. */
export function formatSelector(selector: LabelSelector): string {
  const labels = Object.entries(selector.matchLabels).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = selector.matchExpressions.map((requirement) => ({
    key: requirement.key,
    text: formatRequirement(requirement),
  }));
  return [...labels, ...expressions]
    .sort((left, right) => compareText(left.key, right.key) || compareText(left.text, right.text))
    .map((part) => part.text)
    .join(',');
}

/**
 * The selector of kubectl's `-l` (`a=b,c in (d,e),!f`), or undefined where the text is not one. The numeric operators
 * `<` and `>` are not taken, because a LabelSelector cannot hold them.
 * Source: k8s.io/apimachinery/pkg/labels/selector.go, Parse.
 */
export function parseSelectorText(text: string): LabelSelector | undefined {
  const matchLabels = new Map<string, string>();
  const matchExpressions: LabelRequirement[] = [];
  if (text.trim() === '') return { matchLabels: {}, matchExpressions };
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirementText(part.trim());
    if (requirement === undefined) return undefined;
    const [value] = requirement.values;
    const isEquality = requirement.operator === 'In' && requirement.values.length === 1 && value !== undefined;
    if (isEquality && !matchLabels.has(requirement.key)) matchLabels.set(requirement.key, value);
    else matchExpressions.push(requirement);
  }
  return { matchLabels: Object.fromEntries(matchLabels), matchExpressions };
}

function never(key: string): LabelRequirement {
  return { key, operator: 'In', values: [] };
}

function parseMatchLabels(raw: unknown): Pick<LabelSelector, 'matchLabels'> & { impossible: LabelRequirement[] } {
  if (raw === undefined || raw === null) return { matchLabels: {}, impossible: [] };
  const object = asObject(raw);
  if (object === undefined) return { matchLabels: {}, impossible: [never('')] };
  const entries = Object.entries(object);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const others = entries.filter(([, value]) => typeof value !== 'string');
  return { matchLabels: Object.fromEntries(texts), impossible: others.map(([key]) => never(key)) };
}

function parseMatchExpressions(raw: unknown): readonly LabelRequirement[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) return [never('')];
  return (raw as readonly unknown[]).map((member) => {
    const object = asObject(member);
    return object === undefined ? never('') : parseRequirement(object);
  });
}

function parseRequirement(raw: JsonObject): LabelRequirement {
  const key = asText(raw['key']) ?? '';
  const operator = raw['operator'];
  const listed = at(raw, 'values') ?? [];
  if (key === '' || !Array.isArray(listed) || !listed.every((value): value is string => typeof value === 'string')) {
    return never(key);
  }
  if (operator === 'In' || operator === 'NotIn') {
    return listed.length === 0 ? never(key) : { key, operator, values: listed };
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    return listed.length > 0 ? never(key) : { key, operator, values: [] };
  }
  return never(key);
}

function holds(requirement: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function formatRequirement(requirement: LabelRequirement): string {
  const values = sortedUnique(requirement.values).join(',');
  switch (requirement.operator) {
    case 'In':
      return `${requirement.key} in (${values})`;
    case 'NotIn':
      return `${requirement.key} notin (${values})`;
    case 'Exists':
      return requirement.key;
    case 'DoesNotExist':
      return `!${requirement.key}`;
  }
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] = `${parts.at(-1) ?? ''}${character}`;
  }
  return parts;
}

const KEY = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?`;
const PRESENCE = new RegExp(String.raw`^(!?)\s*(${KEY})$`);
const EQUALITY = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*(${VALUE})$`);
const MEMBERSHIP = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const WHOLE_VALUE = new RegExp(`^${VALUE}$`);

function parseRequirementText(text: string): LabelRequirement | undefined {
  const [, bang, presentKey] = PRESENCE.exec(text) ?? [];
  if (presentKey !== undefined) {
    return { key: presentKey, operator: bang === '!' ? 'DoesNotExist' : 'Exists', values: [] };
  }
  const [, equalKey, sign, value] = EQUALITY.exec(text) ?? [];
  if (equalKey !== undefined && value !== undefined) {
    return { key: equalKey, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] };
  }
  const [, memberKey, word, list] = MEMBERSHIP.exec(text) ?? [];
  if (memberKey === undefined || list === undefined) return undefined;
  const values = list.split(',').map((member) => member.trim());
  if (!values.every((member) => WHOLE_VALUE.test(member))) return undefined;
  return { key: memberKey, operator: word === 'in' ? 'In' : 'NotIn', values };
}
