import { asNumber, asObjects, asText, asTexts, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../kubernetes/label-selector.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';

type Labels = Readonly<Record<string, string>>;

/** Whom a pod wants to reach: pods with these labels in a namespace with these labels, at a TCP port. */
export interface EgressTarget {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly podLabels: Labels;
  readonly port: number;
}

/** Whether policies let the pod out to the target. `perhaps`: an address range or a named port decides, which is not known. */
export interface Egress {
  readonly reaches: 'yes' | 'no' | 'perhaps';
  /** The policies that isolate the pod for egress; empty where none does. */
  readonly isolatedBy: readonly KubeObject[];
}

/**
 * Whether NetworkPolicies let a pod with these labels out to the target: not isolated, or some rule of some policy that
 * selects it allows it.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/.
 */
export function egressOf(
  world: World,
  pod: { readonly namespace: string; readonly labels: Labels },
  target: EgressTarget,
): Egress {
  const isolatedBy = world
    .listIn(KIND.networkPolicy, pod.namespace)
    .objects.filter(
      ({ spec }) => isolatesEgress(spec) && matchesSelector(parseLabelSelector(at(spec, 'podSelector')), pod.labels),
    );
  if (isolatedBy.length === 0) return { reaches: 'yes', isolatedBy };
  const answers = isolatedBy.flatMap(({ spec, metadata }) =>
    asObjects(at(spec, 'egress')).map((rule) => ruleAllows(rule, target, metadata.namespace ?? '')),
  );
  const reaches = answers.includes('yes') ? 'yes' : answers.includes('perhaps') ? 'perhaps' : 'no';
  return { reaches, isolatedBy };
}

function isolatesEgress(spec: unknown): boolean {
  const types = asTexts(at(spec, 'policyTypes'));
  return types.length > 0 ? types.includes('Egress') : at(spec, 'egress') !== undefined;
}

type Answer = Egress['reaches'];

function ruleAllows(rule: JsonObject, target: EgressTarget, home: string): Answer {
  const peers = asObjects(rule['to']);
  const byPeer = peers.length === 0 ? 'yes' : best(peers.map((peer) => peerAllows(peer, target, home)));
  const ports = asObjects(rule['ports']);
  const byPort = ports.length === 0 ? 'yes' : best(ports.map((port) => portAllows(port, target.port)));
  if (byPeer === 'no' || byPort === 'no') return 'no';
  return byPeer === 'yes' && byPort === 'yes' ? 'yes' : 'perhaps';
}

function peerAllows(peer: JsonObject, target: EgressTarget, home: string): Answer {
  const cidr = asText(at(peer['ipBlock'], 'cidr'));
  if (cidr !== undefined)
    return cidr === '0.0.0.0/0' && at(peer['ipBlock'], 'except') === undefined ? 'yes' : 'perhaps';
  const namespaces = peer['namespaceSelector'];
  const inNamespace =
    namespaces === undefined
      ? target.namespace === home
      : matchesSelector(parseLabelSelector(namespaces), target.namespaceLabels);
  return inNamespace && matchesSelector(parseLabelSelector(peer['podSelector']), target.podLabels) ? 'yes' : 'no';
}

function portAllows(rule: JsonObject, port: number): Answer {
  if ((asText(rule['protocol']) ?? 'TCP') !== 'TCP') return 'no';
  if (rule['port'] === undefined) return 'yes';
  const first = asNumber(rule['port']);
  if (first === undefined) return 'perhaps';
  const last = asNumber(rule['endPort']) ?? first;
  return port >= first && port <= last ? 'yes' : 'no';
}

function best(answers: readonly Answer[]): Answer {
  return answers.includes('yes') ? 'yes' : answers.includes('perhaps') ? 'perhaps' : 'no';
}
