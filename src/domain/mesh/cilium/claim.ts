import { unknown, known, type Fact } from '../../world/fact.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { World } from '../../world/world.ts';
import { namespaceMeta } from '../recognised/enrolment.ts';
import { ciliumAgents, isOn } from './agents.ts';
import { proxiedRulesFor } from './policies.ts';

/** The label by which a namespace is enrolled in Cilium's ztunnel. */
export const ZTUNNEL_LABEL = 'mtls-enabled';

/** What of Cilium stands between a pod and the network, beyond plain networking. */
export interface Claim {
  readonly by: 'ztunnel' | 'authentication' | 'http';
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/**
 * Whether Cilium is more than the network of these pods: they are enrolled in ztunnel, or a policy asks them for
 * authentication or judges their HTTP requests. Most pods of a cluster with Cilium are none of that.
 */
export function ciliumClaim(namespace: string, pod: PodShape, world: World): Fact<Claim | undefined> {
  const agents = ciliumAgents(world);
  if (agents.known && agents.value === undefined) return known(undefined);
  const enrolled = behindZtunnel(namespace, pod, world);
  if (enrolled.known && enrolled.value !== undefined && agents.known) return enrolled;
  const rules = proxiedRulesFor(namespace, pod, world);
  if (!rules.known && !agents.known && !mayServePolicies(world)) return known(undefined);
  if (!rules.known) return unknown(`${rules.reason}, and Cilium enforces them`);
  const [first] = rules.value.filter(({ asks }) => asks === 'authentication').concat(rules.value);
  if (first === undefined) return enrolled.known && !agents.known && enrolled.value !== undefined ? agents : enrolled;
  if (!agents.known) return agents;
  const what = first.asks === 'http' ? 'judges its HTTP requests in a proxy on the node' : 'asks it for authentication';
  const reason = `${first.policy.kind} ${first.policy.metadata.name} of Cilium ${what}`;
  return known({ by: first.asks, reason, evidence: [{ object: refOf(first.policy), field: 'spec', rule: reason }] });
}

/**
 * Whether anything says that the cluster knows Cilium's policies. Where the input just holds no list of them, and
 * nobody saw an agent, they are like any other software that a dump does not show.
 */
export function mayServePolicies(world: World): boolean {
  const kinds: readonly string[] = [KIND.ciliumNetworkPolicy, KIND.ciliumClusterwideNetworkPolicy];
  const isTried = world.coverage.entries.some(
    ({ kind, state }) => kinds.includes(kind) && (state === 'forbidden' || state === 'partial'),
  );
  return isTried || kinds.some((kind) => world.list(kind).objects.length > 0);
}

/** Namespaces are enrolled by label; pods on the host network never are. Source: cilium encryption-ztunnel.rst. */
function behindZtunnel(namespace: string, pod: PodShape, world: World): Fact<Claim | undefined> {
  if (pod.hostNetwork) return known(undefined);
  const meta = namespaceMeta(world, namespace);
  if (!meta.known) {
    const on = isOn(world, 'enable-ztunnel');
    return on.known && !on.value ? known(undefined) : meta;
  }
  if (meta.value.labels[ZTUNNEL_LABEL] !== 'true') return known(undefined);
  const on = isOn(world, 'enable-ztunnel');
  if (!on.known) return on;
  if (!on.value) return known(undefined);
  const reason = `label ${ZTUNNEL_LABEL}=true puts the namespace behind Cilium's ztunnel, which is beta`;
  const field = `metadata.labels["${ZTUNNEL_LABEL}"]`;
  const evidence = [{ object: { kind: KIND.namespace, name: namespace }, field, value: 'true', rule: reason }];
  return known({ by: 'ztunnel', reason, evidence });
}
