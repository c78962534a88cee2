import { asText, at } from '../../../lib/json.ts';
import { compareText } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../evidence.ts';
import { known, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { shownBy, type Found } from './found.ts';
import { NODE_SIGNALS, PROVIDER_LABELS, VERSION_SUFFIXES, type NodeSignal } from './node-signals.ts';

const OPENSHIFT_VERSIONS = { kind: KIND.customResourceDefinition, name: 'clusterversions.config.openshift.io' };

/**
 * Which distribution of Kubernetes it is, by what its nodes say, else by the API server's version: `eks`, `gke`,
 * `gke-autopilot`, `openshift`, `k3s` and so on; `kubeadm` where nothing else than that made the nodes.
 */
export function distributionOf(world: World): Fact<Found> {
  const definition = world.get(OPENSHIFT_VERSIONS);
  if (definition !== undefined)
    return known(found('openshift', shownBy(definition, 'metadata.name', ruleOf('openshift'))));
  const { objects, gap } = world.list(KIND.node);
  const evidence = firstByName(objects.map(distributionSignal));
  if (evidence.size > 1) evidence.delete('kubeadm');
  if (evidence.has('gke')) evidence.delete('gke-autopilot');
  const [first, second] = evidence;
  if (second !== undefined) return unknown(`nodes name several distributions: ${[...evidence.keys()].join(', ')}`);
  if (first !== undefined) return known(found(...first));
  return byVersion(world) ?? unknown(gap ?? noSignal(objects, 'names its distribution'));
}

/**
 * Who runs the machines, by the scheme of the nodes' providerID as each cloud controller manager writes it (`aws`,
 * `gce`, `azure`, `openstack`), else by labels. Several are joined by `and`.
 */
export function providerOf(world: World): Fact<Found> {
  const { objects, gap } = world.list(KIND.node);
  const evidence = firstByName(objects.map(providerSignal));
  if (evidence.size === 0) return unknown(gap ?? noSignal(objects, 'names its provider'));
  return known({ name: [...evidence.keys()].join(' and '), evidence: [...evidence.values()] });
}

type Signal = readonly [name: string, evidence: Evidence];

function found(name: string, evidence: Evidence): Found {
  return { name, evidence: [evidence] };
}

function ruleOf(distribution: string, value?: string): { value?: string; rule: string } {
  return { ...(value === undefined ? {} : { value }), rule: `the cluster is ${distribution}` };
}

function noSignal(nodes: readonly KubeObject[], what: string): string {
  return nodes.length === 0 ? 'the world holds no Node objects' : `no node ${what}`;
}

/** Names in their order, each with the first node that shows it. */
function firstByName(signals: readonly (Signal | undefined)[]): Map<string, Evidence> {
  const given = signals.filter((signal) => signal !== undefined);
  const first = new Map<string, Evidence>();
  for (const [name, evidence] of given) if (!first.has(name)) first.set(name, evidence);
  return new Map([...first].sort(([left], [right]) => compareText(left, right)));
}

function byVersion({ kubernetesVersion }: World): Fact<Found> | undefined {
  if (!kubernetesVersion.known) return undefined;
  const { value } = kubernetesVersion;
  const name = VERSION_SUFFIXES.find(([suffix]) => suffix.test(value))?.[1];
  if (name === undefined) return undefined;
  return known(found(name, { field: 'gitVersion', ...ruleOf(name, value) }));
}

function distributionSignal(node: KubeObject): Signal | undefined {
  for (const signal of NODE_SIGNALS) {
    const seen = seenIn(node, signal);
    if (seen === undefined) continue;
    return [signal.distribution, shownBy(node, seen.field, ruleOf(signal.distribution, seen.value))];
  }
  return undefined;
}

interface Seen {
  readonly field: string;
  readonly value: string;
}

/** The last of the signal's members where all of them match. */
function seenIn(node: KubeObject, signal: NodeSignal): Seen | undefined {
  const { labels, annotations, name } = node.metadata;
  const info = (field: string): string[] => textsOf(at(node.status, 'nodeInfo', field));
  const asked: readonly (readonly [RegExp | undefined, string, readonly string[]])[] = [
    [signal.label, 'metadata.labels', Object.keys(labels)],
    [signal.annotation, 'metadata.annotations', Object.keys(annotations)],
    [signal.kubelet, 'status.nodeInfo.kubeletVersion', info('kubeletVersion')],
    [signal.osImage, 'status.nodeInfo.osImage', info('osImage')],
    [signal.providerId, 'spec.providerID', textsOf(at(node.spec, 'providerID'))],
    [signal.name, 'metadata.name', [name]],
  ];
  let last: Seen | undefined;
  for (const [pattern, field, values] of asked) {
    if (pattern === undefined) continue;
    const value = values.find((candidate) => pattern.test(candidate));
    if (value === undefined) return undefined;
    last = { field, value };
  }
  return last;
}

function textsOf(value: unknown): string[] {
  const text = asText(value);
  return text === undefined ? [] : [text];
}

function providerSignal(node: KubeObject): Signal | undefined {
  const id = asText(at(node.spec, 'providerID')) ?? '';
  const scheme = /^([a-z][a-z0-9-]*):\/\//.exec(id)?.[1] ?? (id.startsWith('ocid1.') ? 'oci' : undefined);
  if (scheme !== undefined) {
    const rule = `the node is a machine of ${scheme}`;
    return [scheme, shownBy(node, 'spec.providerID', { value: scheme, rule })];
  }
  for (const [label, provider] of PROVIDER_LABELS) {
    const value = Object.keys(node.metadata.labels).find((key) => label.test(key));
    if (value === undefined) continue;
    return [provider, shownBy(node, 'metadata.labels', { value, rule: `the node is a machine of ${provider}` })];
  }
  return undefined;
}
