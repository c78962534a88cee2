import { asObject, asText, at, type JsonObject } from '../../../../lib/json.ts';
import { compareBy } from '../../../../lib/order.ts';
import { refOf, type KubeObject } from '../../../kubernetes/object.ts';
import { isConditionKey, OPERATION_FIELDS, SOURCE_FIELDS } from './attributes.ts';
import type {
  Alternative,
  AttributeMatch,
  AuthorizationAction,
  AuthorizationPolicy,
  AuthorizationRule,
  TargetRef,
} from './policy.ts';

const DRY_RUN = 'istio.io/dry-run';
const ACTIONS: readonly string[] = ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'];

/**
 * The policy that an AuthorizationPolicy object holds. Nothing is refused: what the API server would refuse is named
 * in `unreadable`, of the policy or of its rule.
 * Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/.
 */
export function parseAuthorizationPolicy(object: KubeObject): AuthorizationPolicy {
  const unreadable: string[] = [];
  const { metadata, spec } = object;
  const dryRunText = metadata.annotations[DRY_RUN];
  const revision = metadata.labels['istio.io/rev'];
  const provider = at(spec, 'provider');
  return {
    ref: refOf(object),
    namespace: metadata.namespace ?? '',
    action: readAction(at(spec, 'action'), unreadable),
    selector: readSelector(at(spec, 'selector'), unreadable),
    targetRefs: readTargetRefs(spec, unreadable),
    rules: listIn(spec, 'rules', unreadable).map((raw) => readRule(raw)),
    dryRun: dryRunText !== undefined && isTrueText(dryRunText),
    ...(dryRunText === undefined ? {} : { dryRunText }),
    ...(isAbsent(provider) ? {} : { provider: asText(at(provider, 'name')) ?? '' }),
    ...(revision === undefined ? {} : { revision }),
    ...(metadata.creationTimestamp === undefined ? {} : { creationTimestamp: metadata.creationTimestamp }),
    unreadable,
  };
}

/** Whether Go's strconv.ParseBool reads the text as true. */
export function isTrueText(text: string): boolean {
  return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
}

/** Whether Go's strconv.ParseBool reads the text as false. */
export function isFalseText(text: string): boolean {
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function readAction(raw: unknown, unreadable: string[]): AuthorizationAction {
  if (isAbsent(raw)) return 'ALLOW';
  if (typeof raw === 'string' && ACTIONS.includes(raw)) return raw as AuthorizationAction;
  unreadable.push('spec.action is not ALLOW, DENY, AUDIT or CUSTOM');
  return 'ALLOW';
}

function readSelector(raw: unknown, unreadable: string[]): Readonly<Record<string, string>> | undefined {
  if (isAbsent(raw)) return undefined;
  const labels = at(raw, 'matchLabels');
  const entries = Object.entries(asObject(labels) ?? {});
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (asObject(raw) === undefined || (!isAbsent(labels) && asObject(labels) === undefined)) {
    unreadable.push('spec.selector is not an object with matchLabels');
  } else if (texts.length !== entries.length) {
    unreadable.push('spec.selector.matchLabels holds a value that is not text');
  }
  return Object.fromEntries(texts);
}

function readTargetRefs(spec: unknown, unreadable: string[]): readonly TargetRef[] {
  const single = at(spec, 'targetRef');
  const all = [...(isAbsent(single) ? [] : [single]), ...listIn(spec, 'targetRefs', unreadable)];
  return all.map((raw) => {
    const namespace = asText(at(raw, 'namespace'));
    return {
      group: asText(at(raw, 'group')) ?? '',
      kind: asText(at(raw, 'kind')) ?? '',
      name: asText(at(raw, 'name')) ?? '',
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    };
  });
}

function readRule(raw: unknown): AuthorizationRule {
  const unreadable: string[] = [];
  if (asObject(raw) === undefined) unreadable.push('the rule is not an object');
  const from = listIn(raw, 'from', unreadable).map((entry) => readAlternative(entry, 'source', unreadable));
  const to = listIn(raw, 'to', unreadable).map((entry) => readAlternative(entry, 'operation', unreadable));
  const when = listIn(raw, 'when', unreadable).map((entry) => readCondition(entry, unreadable));
  const unknownKey = when.find((condition) => !isConditionKey(condition.attribute));
  return {
    from,
    to,
    when,
    ...(unknownKey === undefined ? {} : { skipped: `when has the unknown key "${unknownKey.attribute}"` }),
    ...(unreadable[0] === undefined ? {} : { unreadable: unreadable.join('; ') }),
  };
}

function readAlternative(entry: unknown, wrapper: 'source' | 'operation', unreadable: string[]): Alternative {
  const fields = asObject(at(entry, wrapper));
  if (fields === undefined) {
    unreadable.push(`${wrapper === 'source' ? 'from' : 'to'} has an entry without ${wrapper}`);
    return [];
  }
  const table = wrapper === 'source' ? SOURCE_FIELDS : OPERATION_FIELDS;
  return Object.entries(table)
    .map(([field, attribute]) => ({
      attribute,
      values: textsIn(fields, field, unreadable),
      notValues: textsIn(fields, `not${field.charAt(0).toUpperCase()}${field.slice(1)}`, unreadable),
    }))
    .filter((match) => match.values.length + match.notValues.length > 0)
    .sort(compareBy((match: AttributeMatch) => match.attribute));
}

function readCondition(entry: unknown, unreadable: string[]): AttributeMatch {
  const condition = asObject(entry) ?? {};
  return {
    attribute: asText(condition['key']) ?? '',
    values: textsIn(condition, 'values', unreadable),
    notValues: textsIn(condition, 'notValues', unreadable),
  };
}

function listIn(value: unknown, field: string, unreadable: string[]): readonly unknown[] {
  const raw = at(value, field);
  if (isAbsent(raw)) return [];
  if (Array.isArray(raw)) return raw as readonly unknown[];
  unreadable.push(`${field} is not a list`);
  return [];
}

function textsIn(value: JsonObject, field: string, unreadable: string[]): readonly string[] {
  const members = listIn(value, field, unreadable);
  const texts = members.filter((member): member is string => typeof member === 'string');
  if (texts.length !== members.length) unreadable.push(`${field} holds a value that is not text`);
  return texts;
}
