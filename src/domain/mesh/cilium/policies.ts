import { asList, asObject, asObjects, asText, asTextMap, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { derivedFrom } from '../../world/derived.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import { namespaceMeta } from '../recognised/enrolment.ts';

/** A rule of a policy that does more than filter addresses and ports: Cilium's proxy, or a handshake, stands in the way. */
export interface ProxiedRule {
  readonly policy: KubeObject;
  readonly endpointSelector: unknown;
  /** `http`: judged by Envoy on the node; `authentication`: peers must have shaken hands. */
  readonly asks: 'http' | 'authentication';
}

/** The rules with HTTP or authentication that select pods of this shape; hostNetwork pods have no endpoint to select. */
export function proxiedRulesFor(namespace: string, pod: PodShape, world: World): Fact<readonly ProxiedRule[]> {
  if (pod.hostNetwork) return known([]);
  const ofNamespace = world.listIn(KIND.ciliumNetworkPolicy, namespace);
  const ofCluster = world.list(KIND.ciliumClusterwideNetworkPolicy);
  const gap = ofNamespace.gap ?? ofCluster.gap;
  if (gap !== undefined) return unknown(gap);
  const rules = [...proxiedRules(ofNamespace.objects), ...proxiedRules(ofCluster.objects)];
  if (rules.length === 0) return known([]);
  const labels = endpointLabels(namespace, pod, world);
  if (!labels.known) return labels;
  return known(rules.filter((rule) => selectsEndpoint(rule.endpointSelector, labels.value)));
}

/** All rules with HTTP or authentication in the policies. */
export function proxiedRules(policies: readonly KubeObject[]): readonly ProxiedRule[] {
  return policies.length === 0 ? [] : derivedFrom(policies, findRules);
}

function findRules(policies: readonly KubeObject[]): readonly ProxiedRule[] {
  return policies.flatMap((policy) =>
    rulesOf(policy).flatMap((rule) =>
      asksOf(rule).map((asks) => ({ policy, endpointSelector: rule['endpointSelector'], asks })),
    ),
  );
}

/** A policy says one rule in `spec`, several in `specs`. */
export function rulesOf(policy: KubeObject): readonly JsonObject[] {
  const spec = asObject(policy.spec);
  return [...(spec === undefined ? [] : [spec]), ...asObjects(policy['specs'])];
}

function asksOf(rule: JsonObject): readonly ProxiedRule['asks'][] {
  const directions = ['ingress', 'egress'].flatMap((key) => asObjects(rule[key]));
  const http = directions.some((each) =>
    asObjects(each['toPorts']).some(
      (ports) =>
        at(ports, 'rules', 'http') !== undefined ||
        at(ports, 'rules', 'l7') !== undefined ||
        ports['listener'] !== undefined,
    ),
  );
  const authentication = directions.some((each) => {
    const mode = asText(at(each, 'authentication', 'mode'));
    return mode !== undefined && mode !== 'disabled';
  });
  return [...(http ? (['http'] as const) : []), ...(authentication ? (['authentication'] as const) : [])];
}

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

/** The labels by which policies see the endpoint of a pod. Source: cilium pkg/k8s/apis/cilium.io/const.go. */
export function endpointLabels(namespace: string, pod: PodShape, world: World): Fact<Readonly<Record<string, string>>> {
  const meta = namespaceMeta(world, namespace);
  if (!meta.known) return meta;
  const own = Object.entries(meta.value.labels).map(([key, value]) => [`${NAMESPACE_LABELS}${key}`, value] as const);
  const name = [`${NAMESPACE_LABELS}kubernetes.io/metadata.name`, namespace] as const;
  return known({
    ...pod.labels,
    ...Object.fromEntries([...own, name]),
    [NAMESPACE]: namespace,
    [ACCOUNT]: pod.serviceAccount,
  });
}

/** Whether a selector picks an endpoint. Keys may name their source: `k8s:app`, `any:app`. A rule for nodes has none. */
export function selectsEndpoint(raw: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (raw === undefined || raw === null) return false;
  const matchLabels = Object.entries(asTextMap(at(raw, 'matchLabels'))).map(([key, value]) => [
    withoutSource(key),
    value,
  ]);
  const matchExpressions = asList(at(raw, 'matchExpressions')).map((expression) => {
    const key = asText(at(expression, 'key'));
    return { ...asObject(expression), ...(key === undefined ? {} : { key: withoutSource(key) }) };
  });
  return matchesSelector(
    parseLabelSelector({ matchLabels: Object.fromEntries(matchLabels) as JsonObject, matchExpressions }),
    labels,
  );
}

function withoutSource(key: string): string {
  return key.replace(/^(k8s|any)[:.]/, '');
}
