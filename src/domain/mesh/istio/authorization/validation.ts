import { invalid, type ValidationFinding } from './finding.ts';
import { isFalseText, isTrueText } from './parse.ts';
import type { AuthorizationPolicy, TargetRef } from './policy.ts';
import { validateRule } from './rule-validation.ts';

const TARGETS: readonly string[] = [
  '/Service',
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
];

/**
 * What Istio's validating webhook and `istioctl analyze` say about a policy; empty where it is fine. With an error the
 * API server refuses the object. Source: istio pkg/config/validation/validation.go, ValidateAuthorizationPolicy.
 */
export function validateAuthorizationPolicy(policy: AuthorizationPolicy): readonly ValidationFinding[] {
  return [
    ...policy.unreadable.map((problem) => invalid('spec', problem)),
    ...validateScope(policy),
    ...validateAction(policy),
    ...validateDryRun(policy),
    ...policy.rules.flatMap((rule, index) => validateRule(rule, policy.action, `spec.rules[${String(index)}]`)),
  ];
}

function validateScope({ selector, targetRefs }: AuthorizationPolicy): readonly ValidationFinding[] {
  const findings: ValidationFinding[] = [];
  if (selector !== undefined && targetRefs.length > 0) {
    findings.push(invalid('spec.targetRefs', 'only one of selector and targetRefs can be set'));
  }
  const labels = Object.entries(selector ?? {});
  if (selector !== undefined && labels.length === 0) {
    findings.push({ severity: 'warning', field: 'spec.selector', message: 'the selector has no labels' });
  }
  for (const [key, value] of labels) {
    if (key === '') findings.push(invalid('spec.selector', 'a label has no key'));
    if (`${key}${value}`.includes('*')) findings.push(invalid('spec.selector', `"${key}: ${value}" has a wildcard`));
  }
  return [...findings, ...targetRefs.flatMap(validateTargetRef)];
}

function validateTargetRef(target: TargetRef): readonly ValidationFinding[] {
  const findings: ValidationFinding[] = [];
  const field = 'spec.targetRefs';
  if (target.name === '') findings.push(invalid(field, 'a target has no name'));
  if (target.namespace !== undefined) findings.push(invalid(field, 'a target must not have a namespace'));
  if (!TARGETS.includes(`${target.group}/${target.kind}`)) {
    findings.push(invalid(field, `${target.group}/${target.kind} cannot be a target`));
  }
  return findings;
}

function validateAction({ action, rules, provider }: AuthorizationPolicy): readonly ValidationFinding[] {
  if ((action === 'DENY' || action === 'CUSTOM') && rules.length === 0) {
    return [invalid('spec.rules', `${action} without rules never matches`)];
  }
  if (action === 'CUSTOM' && (provider ?? '') === '') return [invalid('spec.provider', 'CUSTOM needs provider.name')];
  if (action !== 'CUSTOM' && provider !== undefined) {
    return [invalid('spec.provider', `provider must not be set with ${action}`)];
  }
  return [];
}

function validateDryRun({ action, dryRunText }: AuthorizationPolicy): readonly ValidationFinding[] {
  if (dryRunText === undefined) return [];
  const field = 'metadata.annotations';
  if (!isTrueText(dryRunText) && !isFalseText(dryRunText)) {
    return [invalid(field, `istio.io/dry-run is "${dryRunText}", which is no boolean`)];
  }
  const supported = action === 'ALLOW' || action === 'DENY';
  return supported ? [] : [invalid(field, `istio.io/dry-run does not go with ${action}`)];
}
