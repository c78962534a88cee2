import { asList, asObject, asObjects, asText, asTextMap, at } from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { parseAuthorizationPolicy } from '../../../src/domain/mesh/istio/authorization/parse.ts';
import type { AuthorizationPolicy } from '../../../src/domain/mesh/istio/authorization/policy.ts';

const GROUPS: Readonly<Record<string, string>> = {
  Gateway: 'gateway.networking.k8s.io',
  GatewayClass: 'gateway.networking.k8s.io',
  Service: '',
  ServiceEntry: 'networking.istio.io',
};

/** Writes the case's short form of a policy as the Kubernetes object it stands for. */
export function policyObject(raw: unknown, index: number): KubeObject {
  const annotations = asTextMap(at(raw, 'annotations'));
  const dryRun = asText(at(raw, 'dryRun'));
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: {
      name: asText(at(raw, 'name')) ?? `policy-${String(index)}`,
      namespace: asText(at(raw, 'namespace')) ?? 'default',
      labels: {},
      annotations: dryRun === undefined ? annotations : { ...annotations, 'istio.io/dry-run': dryRun },
      ownerReferences: [],
    },
    origin: { from: 'read' },
    spec: specOf(raw),
  };
}

/** The policy that the case's short form stands for. */
export function policyOf(raw: unknown, index: number): AuthorizationPolicy {
  return parseAuthorizationPolicy(policyObject(raw, index));
}

function specOf(raw: unknown): unknown {
  const selector = asObject(at(raw, 'selector'));
  const provider = at(raw, 'provider');
  const targets = [...asObjects(at(raw, 'targetRefs')), ...asObjects([at(raw, 'targetRef')])];
  return {
    action: at(raw, 'action'),
    selector: selector === undefined || Object.hasOwn(selector, 'matchLabels') ? selector : { matchLabels: selector },
    targetRefs: targets.map((target) => ({ group: GROUPS[textIn(target, 'kind')] ?? '', ...target })),
    provider: typeof provider === 'string' ? { name: provider } : provider,
    rules: asList(at(raw, 'rules')).map((rule) => ({
      ...asObject(rule),
      from: asList(at(rule, 'from')).map((source) => ({ source })),
      to: asList(at(rule, 'to')).map((operation) => ({ operation })),
    })),
  };
}

/** The text of a field, empty where there is none. */
export function textIn(value: unknown, field: string): string {
  return asText(at(value, field)) ?? '';
}
