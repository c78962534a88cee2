import { asNumber, asObject, asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../kubernetes/label-selector.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { derivedFrom, oncePer } from './derived.ts';
import { mapFact } from './fact.ts';
import { cniOf } from './platform/cni.ts';
import type { World } from './world.ts';

type Labels = Readonly<Record<string, string>>;

/** A pod as NetworkPolicies see it; without labels of its namespace where that was not read. */
export interface PolicyPod {
  readonly namespace: string;
  readonly namespaceLabels: Labels | undefined;
  readonly labels: Labels;
}

/** A TCP connection, and at which end policies are asked: at the server for `Ingress`, at the client for `Egress`. */
export interface PolicyQuestion {
  readonly direction: 'Ingress' | 'Egress';
  /** The pod whose policies are asked, and who is at the other end. */
  readonly pod: Omit<PolicyPod, 'namespaceLabels'>;
  readonly peer: PolicyPod;
  readonly port: number;
  /** The names of that port in the pod that is called; absent where they are not known. */
  readonly portNames?: readonly string[];
}

/** Whether policies admit a connection. `perhaps`: an address range, a named port or an unread namespace decides. */
export interface PolicyAnswer {
  readonly reaches: 'yes' | 'no' | 'perhaps';
  /** The policies that isolate the pod in that direction; empty where none does. */
  readonly isolatedBy: readonly KubeObject[];
}

type Answer = PolicyAnswer['reaches'];

/**
 * Whether the NetworkPolicies that were read admit a connection at one of its ends: the pod is not isolated there, or
 * some rule of some policy that selects it admits the peer at the port.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/.
 */
export function policyAnswer(question: PolicyQuestion, world: World): PolicyAnswer {
  const { direction, pod } = question;
  const isolatedBy = isolating(world.listIn(KIND.networkPolicy, pod.namespace).objects, pod.labels)[direction];
  if (isolatedBy.length === 0) return { reaches: 'yes', isolatedBy };
  const field = direction === 'Ingress' ? 'ingress' : 'egress';
  const answers = isolatedBy.flatMap(({ spec }) =>
    asObjects(at(spec, field)).map((rule) => ruleAdmits(rule, question)),
  );
  return { reaches: best(answers), isolatedBy };
}

/** Whether some policy that was read isolates the pod in that direction. */
export function isIsolated(pod: PolicyQuestion['pod'], direction: PolicyQuestion['direction'], world: World): boolean {
  return isolating(world.listIn(KIND.networkPolicy, pod.namespace).objects, pod.labels)[direction].length > 0;
}

/** Whether the answer may depend on who is at the other end: no rule admits everybody at the port, and some may admit it. */
export function dependsOnPeer(
  { direction, pod, port, portNames }: Omit<PolicyQuestion, 'peer'>,
  world: World,
): boolean {
  const isolatedBy = isolating(world.listIn(KIND.networkPolicy, pod.namespace).objects, pod.labels)[direction];
  const rules = isolatedBy.flatMap(({ spec }) => asObjects(at(spec, direction === 'Ingress' ? 'ingress' : 'egress')));
  const asked = { port, ...(portNames === undefined ? {} : { portNames }) };
  const peers = direction === 'Ingress' ? 'from' : 'to';
  const open = rules.filter((rule) => portsAdmit(rule, asked) !== 'no');
  return open.length > 0 && !open.some((rule) => portsAdmit(rule, asked) === 'yes' && admitsAnybody(rule[peers]));
}

/** Whether no label of a pod or of its namespace can matter. */
function admitsAnybody(raw: unknown): boolean {
  const peers = asObjects(raw);
  if (peers.length === 0) return true;
  return peers.some(
    ({ ipBlock, podSelector, namespaceSelector }) =>
      ipBlock === undefined && isEmpty(podSelector ?? {}) && isEmpty(namespaceSelector) && selects(podSelector, {}),
  );
}

function isEmpty(selector: unknown): boolean {
  const written = asObject(selector);
  return written !== undefined && Object.keys(written).length === 0;
}

/** The policies of a list that isolate pods with the labels. */
const isolating = oncePer((policies: readonly KubeObject[], labels: Labels) => {
  const selecting = policies.filter(({ spec }) => selects(at(spec, 'podSelector'), labels));
  return {
    Ingress: selecting.filter(({ spec }) => isolates(spec, 'Ingress')),
    Egress: selecting.filter(({ spec }) => isolates(spec, 'Egress')),
  };
});

/** Whether a selector, as written, matches the labels; it is read only once. */
function selects(raw: unknown, labels: Labels): boolean {
  const written = asObject(raw);
  return matchesSelector(
    written === undefined ? parseLabelSelector(raw) : derivedFrom(written, parseLabelSelector),
    labels,
  );
}

/** Without `policyTypes` a policy is for what comes in, and for what goes out where it says something of that. */
function isolates(spec: unknown, direction: PolicyQuestion['direction']): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  if (types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || at(spec, 'egress') !== undefined;
}

/** Whether one rule of a policy, as it is written, admits the connection. */
export function ruleAdmits(rule: JsonObject, question: PolicyQuestion): Answer {
  const peers = asObjects(rule[question.direction === 'Ingress' ? 'from' : 'to']);
  const byPeer = peers.length === 0 ? 'yes' : best(peers.map((peer) => peerAdmits(peer, question)));
  return both(byPeer, portsAdmit(rule, question));
}

function portsAdmit(rule: JsonObject, asked: Pick<PolicyQuestion, 'port' | 'portNames'>): Answer {
  const ports = asObjects(rule['ports']);
  return ports.length === 0 ? 'yes' : best(ports.map((port) => portAdmits(port, asked)));
}

function peerAdmits(rule: JsonObject, { peer, pod }: PolicyQuestion): Answer {
  const cidr = asText(at(rule['ipBlock'], 'cidr'));
  if (cidr !== undefined)
    return cidr === '0.0.0.0/0' && at(rule['ipBlock'], 'except') === undefined ? 'yes' : 'perhaps';
  const isPod = selects(rule['podSelector'], peer.labels) ? 'yes' : 'no';
  return both(isPod, namespaceAdmits(rule['namespaceSelector'], peer, pod.namespace));
}

function namespaceAdmits(raw: unknown, peer: PolicyPod, home: string): Answer {
  if (raw === undefined) return peer.namespace === home ? 'yes' : 'no';
  if (peer.namespaceLabels !== undefined) return selects(raw, peer.namespaceLabels) ? 'yes' : 'no';
  return selects(raw, {}) ? 'yes' : 'perhaps';
}

function portAdmits(rule: JsonObject, { port, portNames }: Pick<PolicyQuestion, 'port' | 'portNames'>): Answer {
  if ((asText(rule['protocol']) ?? 'TCP') !== 'TCP') return 'no';
  if (rule['port'] === undefined) return 'yes';
  const first = asNumber(rule['port']);
  if (first === undefined) {
    if (portNames === undefined) return 'perhaps';
    return portNames.includes(asText(rule['port']) ?? '') ? 'yes' : 'no';
  }
  const last = asNumber(rule['endPort']) ?? first;
  return port >= first && port <= last ? 'yes' : 'no';
}

function both(left: Answer, right: Answer): Answer {
  if (left === 'no' || right === 'no') return 'no';
  return left === 'yes' && right === 'yes' ? 'yes' : 'perhaps';
}

function best(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('perhaps') ? 'perhaps' : 'no';
}

/** Network plugins that enforce NetworkPolicies wherever they run; of others a setting or a second agent decides. */
const ENFORCING: ReadonlySet<string> = new Set([
  'antrea',
  'calico',
  'canal',
  'cilium',
  'gke-dataplane-v2',
  'kube-ovn',
  'openshift-sdn',
  'ovn-kubernetes',
  'weave',
]);

/**
 * Whether a network plugin is there that enforces NetworkPolicies: false where that is not certain of any that was
 * found. Source: https://kubernetes.io/docs/concepts/cluster-administration/addons/#networking-and-network-policy.
 */
export function enforcesPolicies(world: World): boolean {
  const found = mapFact(cniOf(world), ({ plugins }) => plugins.some(({ name }) => ENFORCING.has(name)));
  return found.known && found.value;
}
