import { asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { isOurs } from '../objects/generated-objects.ts';

/** A way through NetworkPolicies: towards the pods that they select, or from them. */
export type Direction = 'Ingress' | 'Egress';

/** The port that HBONE goes to on every pod behind ztunnel (https://istio.io/latest/docs/ambient/usage/networkpolicy/). */
export const HBONE_PORT = 15008;

/** The NetworkPolicies of others in the namespace that isolate pods of the workload in that direction. */
export function policiesAround(world: World, workload: Workload, direction: Direction): readonly KubeObject[] {
  return world
    .listIn(KIND.networkPolicy, workload.namespace)
    .objects.filter(
      (policy) =>
        !isOurs(policy) &&
        isolates(policy, direction) &&
        cohortsOf(workload).some(({ pod }) =>
          matchesSelector(parseLabelSelector(at(policy.spec, 'podSelector')), pod.labels),
        ),
    );
}

/** Without `policyTypes` a policy is for what comes in, and for what goes out where it says something of that. */
function isolates({ spec }: KubeObject, direction: Direction): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || at(spec, 'egress') !== undefined;
}

/** The rules of a policy for that direction. */
export function rulesFor({ spec }: KubeObject, direction: Direction): readonly JsonObject[] {
  return asObjects(at(spec, direction === 'Ingress' ? 'ingress' : 'egress'));
}

/** Who is at the other end of a rule, as it is written; empty for everybody. */
export function peersOf(rule: JsonObject, direction: Direction): readonly JsonObject[] {
  return asObjects(rule[direction === 'Ingress' ? 'from' : 'to']);
}

/** A span of TCP ports, or a port by its name in the pods that are called. */
export type PortSpan = { readonly first: number; readonly last: number } | { readonly name: string };

/** The TCP ports of a rule: `all` where it names none, or none of a protocol; empty where it is for other protocols. */
export function tcpPortsOf(rule: JsonObject): 'all' | readonly PortSpan[] {
  const listed = asObjects(rule['ports']);
  if (listed.length === 0) return 'all';
  const tcp = listed.filter(({ protocol }) => (asText(protocol) ?? 'TCP') === 'TCP');
  if (tcp.some(({ port }) => port === undefined)) return 'all';
  return tcp.flatMap((entry): readonly PortSpan[] => {
    const first = asNumber(entry['port']);
    const name = asText(entry['port']);
    if (first !== undefined) return [{ first, last: asNumber(entry['endPort']) ?? first }];
    return name === undefined ? [] : [{ name }];
  });
}

/** Whether the rule admits HBONE as it is. */
export function admitsHbone(rule: JsonObject): boolean {
  const ports = tcpPortsOf(rule);
  return (
    ports === 'all' || ports.some((span) => 'first' in span && span.first <= HBONE_PORT && HBONE_PORT <= span.last)
  );
}
