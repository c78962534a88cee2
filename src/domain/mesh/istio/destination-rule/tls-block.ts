import type { EffectiveRule } from './merge.ts';
import type { TlsSettings, TrafficPolicy } from './rule.ts';

/** The Service port (not the target port) that a client calls, and the subset that its route names, if any. */
export interface RuleTarget {
  readonly servicePort: number;
  readonly subset?: string;
}

/**
 * The TLS settings of the cluster (CDS); undefined where none are set and auto-mTLS decides. An entry for the port
 * replaces the whole policy that holds it, even if it has no `tls`; a subset's policy goes over the rule's.
 * Source: istio pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy and MergeSubsetTrafficPolicy.
 */
export function clusterTls(rule: RuleSettings, target: RuleTarget): TlsSettings | undefined {
  const own = clusterTlsOf(rule.trafficPolicy, target.servicePort);
  const subset = subsetPolicy(rule, target);
  if (subset === undefined) return own;
  return portEntry(subset, target) === undefined ? (subset.tls ?? own) : portEntry(subset, target)?.tls;
}

/**
 * The TLS settings that the endpoint check (EDS) goes by: the first set of the subset's port, the subset, the rule's
 * port and the rule. Before 1.31 a subset with a policy did not fall back to the rule.
 * Source: istio pilot/pkg/xds/endpoints/mtls_checker.go, tlsModeForDestinationRule.
 */
export function endpointTls(rule: RuleSettings, target: RuleTarget, subsetFallsBack = true): TlsSettings | undefined {
  const subset = subsetPolicy(rule, target);
  const ofSubset = portEntry(subset, target)?.tls ?? subset?.tls;
  if (ofSubset !== undefined || (subset !== undefined && !subsetFallsBack)) return ofSubset;
  return portEntry(rule.trafficPolicy, target)?.tls ?? rule.trafficPolicy?.tls;
}

/** Whether cluster and endpoints go by different settings: `tls` on top, and a port entry without it below. */
export function tlsLayersDiffer(rule: RuleSettings, target: RuleTarget): boolean {
  return clusterTls(rule, target)?.mode !== endpointTls(rule, target)?.mode;
}

/** Whether `loadBalancer.simple: PASSTHROUGH` holds for the port: the client then keeps the address it was given. */
export function isPassthroughRule(rule: RuleSettings, target: RuleTarget): boolean {
  const policies = [subsetPolicy(rule, target), rule.trafficPolicy];
  return policies.some((policy) => (portEntry(policy, target) ?? policy)?.passthrough === true);
}

/** Fields of the policies over the port that the rules here do not follow; those of a hidden policy count as well. */
export function unfollowedFields(rule: RuleSettings, target: RuleTarget): readonly string[] {
  const policies = [subsetPolicy(rule, target), rule.trafficPolicy];
  return policies.flatMap((policy) => [
    ...(policy?.unfollowed ?? []),
    ...(portEntry(policy, target)?.unfollowed ?? []),
  ]);
}

type RuleSettings = Pick<EffectiveRule, 'trafficPolicy' | 'subsets'>;

function subsetPolicy(rule: RuleSettings, { subset }: RuleTarget): TrafficPolicy | undefined {
  return subset === undefined ? undefined : rule.subsets.find(({ name }) => name === subset)?.trafficPolicy;
}

function clusterTlsOf(policy: TrafficPolicy | undefined, servicePort: number): TlsSettings | undefined {
  const entry = portEntry(policy, { servicePort });
  return entry === undefined ? policy?.tls : entry.tls;
}

function portEntry(
  policy: TrafficPolicy | undefined,
  { servicePort }: RuleTarget,
): TrafficPolicy['ports'][number] | undefined {
  return policy?.ports.find(({ port }) => port === servicePort);
}
