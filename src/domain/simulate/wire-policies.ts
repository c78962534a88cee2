import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import { portPoliciesFor } from '../mesh/cilium/port-policies.ts';
import type { Outbound } from '../mesh/mesh.ts';
import { oncePer } from '../world/derived.ts';
import type { Evidence } from '../world/evidence.ts';
import {
  dependsOnPeer,
  enforcesPolicies,
  isIsolated,
  policyAnswer,
  type PolicyPod,
  type PolicyQuestion,
} from '../world/network-policy.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { World } from '../world/world.ts';

/** Pods at one end of a hop. */
export interface HopEnd {
  readonly namespace: string;
  readonly pod: PodShape;
}

/** One connection of a mesh between two pods. */
export interface Hop {
  readonly from: HopEnd;
  readonly to: HopEnd;
  readonly sent: Outbound;
  /** The port that is called, which the bytes need not go to. */
  readonly calledPort: number;
}

/** Why policies may hold a connection back, and whether they surely do. */
export interface HeldBack {
  readonly sure: boolean;
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/**
 * Whether network policies hold back a connection, at the port that its bytes go to: HBONE goes to 15008, mutual TLS of
 * Linkerd to 4143, anything else to the port that is called. Undefined where they do not. Policies of Cilium are asked
 * about ports of a mesh alone: to the called port a connection fares with the mesh as without it.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/,
 * https://istio.io/latest/docs/ambient/usage/networkpolicy/, https://github.com/linkerd/linkerd2/issues/15246.
 */
export function heldBack(hop: Hop, world: World): HeldBack | undefined {
  const atServer = heldAt({ direction: 'Ingress', at: hop.to, peer: hop.from, hop }, world);
  if (atServer?.sure === true) return atServer;
  const atClient = heldAt({ direction: 'Egress', at: hop.from, peer: hop.to, hop }, world);
  return atClient?.sure === true ? atClient : (atServer ?? atClient);
}

/** Whether who sends may change what policies at the server make of it. */
export function looksAtSender({ to, sent, calledPort }: Omit<Hop, 'from'>, world: World): boolean {
  const { pod, namespace } = to;
  if (pod.hostNetwork || world.listIn(KIND.networkPolicy, namespace).objects.length === 0) return false;
  const port = portOnWire({ sent, calledPort }) ?? calledPort;
  const asked = { direction: 'Ingress', pod: { namespace, labels: pod.labels }, port } as const;
  return dependsOnPeer({ ...asked, portNames: namesOf(pod, port) }, world);
}

/** Whether policies at the client leave alone whatever it sends, wherever to. */
export function sendsFreely({ namespace, pod }: HopEnd, world: World): boolean {
  if (pod.hostNetwork) return true;
  if (world.listIn(KIND.networkPolicy, namespace).gap !== undefined) return false;
  if (isIsolated({ namespace, labels: pod.labels }, 'Egress', world)) return false;
  const judging = portPoliciesFor({ namespace, pod, direction: 'Egress' }, world);
  return judging.known && judging.value.length === 0;
}

interface AskedEnd {
  readonly direction: PolicyQuestion['direction'];
  readonly at: HopEnd;
  readonly peer: HopEnd;
  readonly hop: Hop;
}

function heldAt(end: AskedEnd, world: World): HeldBack | undefined {
  const { at, direction } = end;
  const byKubernetes = heldByNetworkPolicy(end, world);
  if (byKubernetes?.sure === true || goesToCalledPort(end.hop)) return byKubernetes;
  const judging = portPoliciesFor({ ...at, direction }, world);
  if (!judging.known) return byKubernetes ?? perhaps(judging.reason);
  const [first] = judging.value;
  if (byKubernetes !== undefined || first === undefined) return byKubernetes;
  return perhaps(
    `${formatRef(refOf(first))} judges ports, and whether it admits ${portOf(end)} is not followed`,
    judging.value,
  );
}

function heldByNetworkPolicy(end: AskedEnd, world: World): HeldBack | undefined {
  const { direction, at, peer, hop } = end;
  if (at.pod.hostNetwork) return undefined;
  const { objects, gap } = world.listIn(KIND.networkPolicy, at.namespace);
  if (objects.length === 0 && gap === undefined) return undefined;
  const port = portOnWire(hop);
  const asked = {
    direction,
    pod: { namespace: at.namespace, labels: at.pod.labels },
    port: port ?? hop.calledPort,
    portNames: namesOf(hop.to.pod, port ?? hop.calledPort),
  };
  const { reaches, isolatedBy } = policyAnswer({ ...asked, peer: policyPod(peer, world) }, world);
  // What was not read can only admit more to pods that are isolated, or isolate those that are not.
  if (gap !== undefined) return perhaps(`${portOf(end)} may be shut to it: ${gap}`, isolatedBy);
  // Whether labels of a pod in its node's network count is up to the network plugin; most take it for the node.
  const isNode = peer.pod.hostNetwork && dependsOnPeer(asked, world);
  if (isolatedBy.length === 0 || (reaches === 'yes' && port !== undefined && !isNode)) return undefined;
  return verdictOf(
    end,
    { reaches: port === undefined || peer.pod.hostNetwork ? 'perhaps' : reaches, isolatedBy },
    world,
  );
}

function verdictOf(end: AskedEnd, { reaches, isolatedBy }: ReturnType<typeof policyAnswer>, world: World): HeldBack {
  const names = sortedUnique(isolatedBy.map((policy) => formatRef(refOf(policy)))).join(', ');
  if (reaches !== 'no') return perhaps(`whether ${names} admits ${portOf(end)} is not known`, isolatedBy);
  const why = `${names} isolates the ${end.direction === 'Ingress' ? 'server' : 'client'}, and no rule admits ${portOf(end)}`;
  if (!enforcesPolicies(world))
    return perhaps(`${why}; whether the network plugin enforces policies is not known`, isolatedBy);
  const other = overriding(end.at.namespace, world);
  if (other !== undefined) return perhaps(`${why}; ${formatRef(refOf(other))} may admit it all the same`, isolatedBy);
  return { sure: true, why, evidence: shownBy(isolatedBy, why) };
}

/** Kinds of policies that may admit what NetworkPolicies do not: Cilium adds its own up, others are asked before. */
const OVERRIDING_IN_NAMESPACE = [
  KIND.ciliumNetworkPolicy,
  'crd.projectcalico.org/NetworkPolicy',
  'projectcalico.org/NetworkPolicy',
] as const;
const OVERRIDING_EVERYWHERE = [
  KIND.ciliumClusterwideNetworkPolicy,
  'crd.projectcalico.org/GlobalNetworkPolicy',
  'projectcalico.org/GlobalNetworkPolicy',
  'policy.networking.k8s.io/AdminNetworkPolicy',
] as const;

/**
 * A policy of another kind for the namespace or for all of them; what it says is not followed.
 * Source: https://docs.cilium.io/en/stable/network/kubernetes/policy/,
 * https://docs.tigera.io/calico/latest/network-policy/get-started/kubernetes-policy/kubernetes-network-policy,
 * https://network-policy-api.sigs.k8s.io/.
 */
function overriding(namespace: string, world: World): KubeObject | undefined {
  const inNamespace = OVERRIDING_IN_NAMESPACE.map((kind) => world.listIn(kind, namespace).objects[0]);
  const everywhere = OVERRIDING_EVERYWHERE.map((kind) => world.list(kind).objects[0]);
  return [...inNamespace, ...everywhere].find((found) => found !== undefined);
}

function perhaps(why: string, policies: readonly KubeObject[] = []): HeldBack {
  return { sure: false, why, evidence: shownBy(policies, why) };
}

function shownBy(policies: readonly KubeObject[], rule: string): readonly Evidence[] {
  return policies.map((policy) => ({ object: refOf(policy), field: 'spec', rule }));
}

/** The port that the bytes go to, of the mesh or the one that is called; undefined where that is not known. */
function portOnWire({ sent: { wirePort }, calledPort }: Pick<Hop, 'sent' | 'calledPort'>): number | undefined {
  if (wirePort === undefined) return calledPort;
  return wirePort.known ? wirePort.value : undefined;
}

function goesToCalledPort(hop: Hop): boolean {
  return portOnWire(hop) === hop.calledPort;
}

/** The port in words: where what is sent goes. */
function portOf({ hop }: AskedEnd): string {
  if (goesToCalledPort(hop)) return `port ${String(hop.calledPort)}`;
  const { wire, wirePort } = hop.sent;
  const what = wire === 'hbone' ? 'HBONE' : "the mesh's mutual TLS";
  if (wirePort?.known === true) return `port ${String(wirePort.value)}, which ${what} goes to`;
  return `the port that ${what} goes to (${wirePort?.reason ?? ''})`;
}

const namesOf = oncePer(({ containers, initContainers }: PodShape, port: number): readonly string[] => {
  const ports = [...containers, ...initContainers].flatMap((container) => container.ports);
  return ports.flatMap((each) => (each.port === port && each.name !== undefined ? [each.name] : []));
});

/** Of a namespace that was not read its name is known all the same. */
function policyPod({ namespace, pod }: HopEnd, world: World): PolicyPod {
  return { namespace, labels: pod.labels, namespaceLabels: labelsOf(world, namespace) };
}

const labelsOf = oncePer((world: World, namespace: string): PolicyPod['namespaceLabels'] => {
  const object = world.get({ kind: KIND.namespace, name: namespace });
  const isKnown = object !== undefined || world.list(KIND.namespace).gap === undefined;
  return isKnown ? { ...object?.metadata.labels, 'kubernetes.io/metadata.name': namespace } : undefined;
});
