import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, type KubeObject } from '../kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../mesh/istio/authorization/parse.ts';
import type { Alternative, AuthorizationPolicy, AuthorizationRule } from '../mesh/istio/authorization/policy.ts';
import { derivedFrom } from '../world/derived.ts';
import type { World } from '../world/world.ts';
import { admittedCalls, type AdmittedTarget } from './admitted-calls.ts';
import type { Call } from './call.ts';
import { foundCalls, foundNothing, joinFound, type FoundCalls } from './found-calls.ts';
import { callersOf } from './istio-callers.ts';
import { guardedBy, type Guarded } from './istio-guarded.ts';
import { istioSettings } from './istio-settings.ts';
import { callablePorts, targetsAtPodPort } from './pod-port-targets.ts';

/** Above this many requests a rule is about an interface rather than about calls. */
const MOST_REQUESTS = 4;

/**
 * The calls that Istio's AuthorizationPolicies were written for: from the callers that an ALLOW rule names to the ports
 * that it is about. What it admits for anybody tells of no caller, and is named in `unresolved`.
 * Source: https://istio.io/latest/docs/reference/config/security/authorization-policy/.
 */
export function declaredAuthorizationPolicies(world: World): FoundCalls {
  return joinFound(world.list(KIND.authorizationPolicy).objects.map((object) => fromPolicy(world, object)));
}

function fromPolicy(world: World, object: KubeObject): FoundCalls {
  const policy = derivedFrom(object, parseAuthorizationPolicy);
  if (policy.action !== 'ALLOW' || policy.rules.length === 0) return foundCalls([]);
  const source = formatRef(policy.ref);
  const guarded = guardedBy(world, policy);
  if (guarded.pods.length + guarded.others.length + guarded.reasons.length === 0) {
    return foundNothing(source, 'it is for no workload here');
  }
  const parts = policy.rules.map((rule, index) => fromRule(world, { policy, rule, guarded, source, place: index + 1 }));
  const gaps = guarded.reasons.map((reason) => foundNothing(source, reason));
  return joinFound([...parts, ...gaps]);
}

interface RuleOfPolicy {
  readonly policy: AuthorizationPolicy;
  readonly rule: AuthorizationRule;
  readonly guarded: Guarded;
  readonly source: string;
  /** Counted from 1. */
  readonly place: number;
}

function fromRule(world: World, { policy, rule, guarded, source, place }: RuleOfPolicy): FoundCalls {
  const name = `rule ${String(place)}${policy.dryRun ? ' (a dry run)' : ''}`;
  const wrong = rule.unreadable ?? rule.skipped;
  if (wrong !== undefined) return foundNothing(source, `${name} cannot be read: ${wrong}`);
  const { trustDomains } = istioSettings(world);
  const { classes, wide } = callersOf(rule, { world, namespace: policy.namespace, trustDomains });
  const operations = rule.to.length === 0 ? [[]] : rule.to;
  const admitted = operations.map((operation) => {
    const whole = [...operation, ...rule.when];
    const targets = targetsOf(world, guarded, whole);
    return admittedCalls({ source, rule: name, classes, targets, requests: requestsOf(whole) });
  });
  const open = wide.map((whom) => foundNothing(source, `${name} admits ${whom}, which tells of no caller`));
  return joinFound([...admitted, ...open]);
}

function targetsOf(world: World, guarded: Guarded, operation: Alternative): readonly AdmittedTarget[] {
  const about = operation.filter(({ attribute }) => attribute === 'destination.port');
  const isMeant = (...numbers: readonly (number | undefined)[]): boolean => {
    const texts = numbers.map(String);
    const isOne = (list: readonly string[]): boolean => texts.some((text) => list.includes(text));
    return about.every(({ values, notValues }) => (values.length === 0 || isOne(values)) && !isOne(notValues));
  };
  const named = about.flatMap(({ values }) => values.filter((value) => /^[1-9]\d{0,4}$/.test(value)).map(Number));
  const ofPods = guarded.pods.flatMap((selected) =>
    [...new Set(named.length > 0 ? named : callablePorts(world, selected))]
      .filter((port) => isMeant(port))
      .flatMap((port) => targetsAtPodPort(world, selected, { port, protocol: 'TCP' }))
      .map((to): AdmittedTarget => ({ to, workload: selected.workload })),
  );
  const others = guarded.others.filter(({ port, behind }) => isMeant(port, behind)).map(({ to }) => ({ to }));
  return [...ofPods, ...others];
}

/** The requests that a rule names one by one; none where it names many, patterns, or what it is not for. */
function requestsOf(operation: Alternative): readonly NonNullable<Call['request']>[] {
  const methods = operation.filter(({ attribute }) => attribute === 'request.method');
  const paths = operation.filter(({ attribute }) => attribute === 'request.path');
  const isPlain = [...methods, ...paths].every(
    ({ values, notValues }) => notValues.length === 0 && values.every((value) => !/[*{]/.test(value)),
  );
  const [method, path] = [methods, paths].map((found) => found.flatMap(({ values }) => values));
  if (!isPlain || methods.length > 1 || paths.length > 1) return [];
  const found = eachOr(method).flatMap((one) =>
    eachOr(path).map((other) => ({
      ...(one === undefined ? {} : { method: one }),
      ...(other === undefined ? {} : { path: other }),
    })),
  );
  return found.length > MOST_REQUESTS || (methods.length === 0 && paths.length === 0) ? [] : found;
}

function eachOr(values: readonly string[] | undefined): readonly (string | undefined)[] {
  return values === undefined || values.length === 0 ? [undefined] : values;
}
