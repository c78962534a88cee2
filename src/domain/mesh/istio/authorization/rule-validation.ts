import { isConditionKey, isHttpOnly, isUsableValue } from './attributes.ts';
import { invalid, type ValidationFinding } from './finding.ts';
import { isValidPath } from './path-template.ts';
import type { Alternative, AttributeMatch, AuthorizationAction, AuthorizationRule } from './policy.ts';

const IDENTITY: readonly string[] = ['source.principal', 'source.namespace'];
const ACCOUNT = 'source.serviceAccount';
const MAX_ACCOUNTS = 16;

/**
 * What Istio's validation says about one rule of a policy with the action; `field` is the path of the rule.
 * Source: istio pkg/config/validation/validation.go, ValidateAuthorizationPolicy.
 */
export function validateRule(
  rule: AuthorizationRule,
  action: AuthorizationAction,
  field: string,
): readonly ValidationFinding[] {
  if (rule.unreadable !== undefined) return [invalid(field, rule.unreadable)];
  return [
    ...rule.from.flatMap((source) => validateSource(source, `${field}.from`)),
    ...rule.to.flatMap((operation) => validateOperation(operation, `${field}.to`)),
    ...rule.when.flatMap((condition) => validateCondition(condition, `${field}.when`)),
    ...(action === 'CUSTOM' ? validateCustom(rule, field) : []),
    ...(action === 'DENY' && deniesTcpUnawares(rule) ? [tcpWarning(field)] : []),
  ];
}

function validateSource(source: Alternative, field: string): readonly ValidationFinding[] {
  if (source.length === 0) return [invalid(field, 'a source is empty')];
  const attributes = source.map(({ attribute }) => attribute);
  const accounts = source.filter(({ attribute }) => attribute === ACCOUNT);
  const findings = source.flatMap((match) => validateValues(match, field));
  if (accounts.length > 0 && attributes.some((attribute) => IDENTITY.includes(attribute))) {
    findings.push(invalid(field, 'serviceAccounts cannot go with namespaces or principals'));
  }
  if (accounts.some(({ values, notValues }) => values.length > MAX_ACCOUNTS || notValues.length > MAX_ACCOUNTS)) {
    findings.push(invalid(field, `there are more than ${String(MAX_ACCOUNTS)} serviceAccounts`));
  }
  return findings;
}

function validateOperation(operation: Alternative, field: string): readonly ValidationFinding[] {
  if (operation.length === 0) return [invalid(field, 'an operation is empty')];
  const paths = operation.filter(({ attribute }) => attribute === 'request.path').flatMap(allValues);
  const bad = paths.filter((path) => !isValidPath(path));
  return [
    ...operation.flatMap((match) => validateValues(match, field)),
    ...bad.map((path) => invalid(field, `"${path}" is not a path template that Istio supports`)),
  ];
}

function validateCondition(condition: AttributeMatch, field: string): readonly ValidationFinding[] {
  if (!isConditionKey(condition.attribute)) return [invalid(field, `"${condition.attribute}" is not a key`)];
  if (allValues(condition).length === 0)
    return [invalid(field, `${condition.attribute} has neither values nor notValues`)];
  return validateValues(condition, field);
}

function validateValues(match: AttributeMatch, field: string): ValidationFinding[] {
  const bad = allValues(match).filter((value) => !isUsableValue(match.attribute, value) || isBadAccount(match, value));
  return bad.map((value) => invalid(field, `"${value}" is not a value for ${match.attribute}`));
}

function isBadAccount({ attribute }: AttributeMatch, value: string): boolean {
  if (attribute !== ACCOUNT) return false;
  const parts = value.split('/');
  return value.includes('*') || parts.length > 2 || parts.includes('');
}

function allValues({ values, notValues }: AttributeMatch): readonly string[] {
  return [...values, ...notValues];
}

function validateCustom(rule: AuthorizationRule, field: string): readonly ValidationFinding[] {
  const matches = [...rule.from.flat(), ...rule.when];
  const unsupported = matches.filter(
    ({ attribute }) =>
      IDENTITY.includes(attribute) ||
      attribute === ACCOUNT ||
      attribute === 'source.trustDomain' ||
      attribute.startsWith('request.auth.'),
  );
  return unsupported.map(({ attribute }) => invalid(field, `${attribute} does not go with CUSTOM`));
}

/** Whether on TCP ports, where HTTP attributes fall away, the rule would deny more than its author may expect. */
function deniesTcpUnawares({ from, to }: AuthorizationRule): boolean {
  const hasPorts = to.flat().some(({ attribute }) => attribute === 'destination.port');
  const hasTcpSource = from.flat().some(({ attribute }) => !isHttpOnly(attribute));
  return to.length > 0 ? !hasPorts : from.length > 0 && !hasTcpSource;
}

function tcpWarning(field: string): ValidationFinding {
  const message =
    'IST0133: on TCP ports only HTTP attributes are left out, so the rule denies all traffic there; name the port';
  return { severity: 'warning', field, message };
}
