import { asObjects, asText, at } from '../../../lib/json.ts';
import { compareBy, groupBy } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../evidence.ts';
import { known, mapFact, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { shownBy } from './found.ts';

/** How many nodes say the same. */
export interface NodesBy {
  readonly value: string;
  readonly nodes: number;
}

/** Nodes of one operating system and architecture, in the words of Go: `linux`, `arm64`. */
export interface NodesBySystem {
  readonly os: string;
  readonly architecture: string;
  readonly nodes: number;
}

/** Nodes that run no DaemonSets and no network plugin of the cluster. */
export interface VirtualNodes {
  readonly kind: 'fargate' | 'virtual-kubelet';
  readonly nodes: number;
  /** The first of them by name. */
  readonly evidence: Evidence;
}

/** What the nodes are. */
export interface NodeFacts {
  readonly count: Fact<number>;
  readonly systems: Fact<readonly NodesBySystem[]>;
  readonly osImages: Fact<readonly NodesBy[]>;
  readonly containerRuntimes: Fact<readonly NodesBy[]>;
  /** Nodes that take no new pods (`kubectl cordon`). */
  readonly unschedulable: Fact<number>;
  readonly virtual: Fact<readonly VirtualNodes[]>;
}

/** All nodes; unknown where there may be more, or where none was read. */
export function nodesOf(world: World): Fact<readonly KubeObject[]> {
  const { objects, gap } = world.list(KIND.node);
  if (gap !== undefined) return unknown(gap);
  return objects.length === 0 ? unknown('the world holds no Node objects') : known(objects);
}

/** What the world's nodes say of themselves. */
export function nodeFacts(world: World): NodeFacts {
  const nodes = nodesOf(world);
  return {
    count: mapFact(nodes, (all) => all.length),
    systems: nodes.known ? systemsOf(nodes.value) : nodes,
    osImages: countedBy(nodes, 'osImage'),
    containerRuntimes: countedBy(nodes, 'containerRuntimeVersion'),
    unschedulable: mapFact(nodes, (all) => all.filter(isUnschedulable).length),
    virtual: mapFact(nodes, virtualNodes),
  };
}

/** Whether the node takes no new pods. */
export function isUnschedulable(node: KubeObject): boolean {
  return at(node.spec, 'unschedulable') === true;
}

/** Why a node takes no new pods, or only those that tolerate its taint. */
export type Closed = 'virtual' | 'cordoned' | 'not-ready' | 'tainted';

/** Taints by which the cluster itself says that a kubelet is not heard from. */
const LOST = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);

/**
 * Why the scheduler puts no pod on the node that tolerates nothing; undefined where it does.
 * Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/.
 */
export function closedReason(node: KubeObject): Closed | undefined {
  if (virtualKind(node) !== undefined) return 'virtual';
  if (isUnschedulable(node)) return 'cordoned';
  const closing = asObjects(at(node.spec, 'taints')).filter(({ effect }) => effect !== 'PreferNoSchedule');
  const ready = asObjects(at(node.status, 'conditions')).find(({ type }) => type === 'Ready');
  if (ready !== undefined && ready['status'] !== 'True') return 'not-ready';
  if (closing.some(({ key }) => LOST.has(asText(key) ?? ''))) return 'not-ready';
  return closing.length > 0 ? 'tainted' : undefined;
}

/** Operating system of the node; undefined where it does not say. */
export function osOf(node: KubeObject): string | undefined {
  return asText(at(node.status, 'nodeInfo', 'operatingSystem')) ?? node.metadata.labels['kubernetes.io/os'];
}

/** Processor architecture of the node; undefined where it does not say. */
export function architectureOf(node: KubeObject): string | undefined {
  return asText(at(node.status, 'nodeInfo', 'architecture')) ?? node.metadata.labels['kubernetes.io/arch'];
}

/**
 * What kind of virtual node it is; undefined for one that is a machine.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/fargate.html, https://virtual-kubelet.io/docs/setup/.
 */
export function virtualKind(node: KubeObject): VirtualNodes['kind'] | undefined {
  const { labels } = node.metadata;
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') return 'fargate';
  const taints = asObjects(at(node.spec, 'taints'));
  const isVirtual = labels['type'] === 'virtual-kubelet' || taints.some(hasProviderTaint);
  return isVirtual ? 'virtual-kubelet' : undefined;
}

function hasProviderTaint(taint: Readonly<Record<string, unknown>>): boolean {
  return taint['key'] === 'virtual-kubelet.io/provider';
}

function systemsOf(nodes: readonly KubeObject[]): Fact<readonly NodesBySystem[]> {
  const silent = nodes.find((node) => osOf(node) === undefined || architectureOf(node) === undefined);
  if (silent !== undefined)
    return unknown(`Node ${silent.metadata.name} does not say its operating system and architecture`);
  const groups = groupBy(nodes, (node) => `${osOf(node) ?? ''}/${architectureOf(node) ?? ''}`);
  const rows = [...groups].map(([key, members]): NodesBySystem => {
    const [os = '', architecture = ''] = key.split('/');
    return { os, architecture, nodes: members.length };
  });
  return known(
    rows.sort(
      compareBy(
        ({ os }) => os,
        ({ architecture }) => architecture,
      ),
    ),
  );
}

function countedBy(nodes: Fact<readonly KubeObject[]>, field: string): Fact<readonly NodesBy[]> {
  if (!nodes.known) return nodes;
  const values = nodes.value.map((node) => asText(at(node.status, 'nodeInfo', field)));
  if (values.includes(undefined)) return unknown(`some nodes have no status.nodeInfo.${field}`);
  const groups = groupBy(values, (value) => value ?? '');
  return known(
    [...groups].map(([value, members]) => ({ value, nodes: members.length })).sort(compareBy(({ value }) => value)),
  );
}

function virtualNodes(nodes: readonly KubeObject[]): readonly VirtualNodes[] {
  return (['fargate', 'virtual-kubelet'] as const).flatMap((kind) => {
    const members = nodes.filter((node) => virtualKind(node) === kind);
    const [first] = members;
    if (first === undefined) return [];
    const rule = 'a virtual node runs no DaemonSets, so no node agent of a mesh';
    return [{ kind, nodes: members.length, evidence: shownBy(first, 'metadata.labels', { rule }) }];
  });
}
