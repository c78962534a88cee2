import { asText, at } from '../../../lib/json.ts';
import { compareText, groupBy, sortedUnique } from '../../../lib/order.ts';
import { compareVersions, minorDifference, parseVersion } from '../../kubernetes/version.ts';
import { known, mapFact, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { nodesOf } from './nodes.ts';

/** How far a kubelet may be from the API server, and when that was read upstream. */
export const SKEW_POLICY = {
  source: 'https://kubernetes.io/releases/version-skew-policy/',
  checked: '2026-11-21',
  minorsBehind: 3,
  /** Kubelets below this minor version of Kubernetes 1 may be `oldMinorsBehind` behind only. */
  oldBelowMinor: 25,
  oldMinorsBehind: 2,
} as const;

/** Whether upstream supports a kubelet of this version under this API server. */
export type Skew = 'supported' | 'newer-than-api-server' | 'too-old' | 'unknown';

export interface KubeletVersion {
  readonly version: string;
  readonly nodes: number;
  readonly skew: Skew;
}

/** Which Kubernetes it is. */
export interface KubernetesVersions {
  readonly apiServer: Fact<string>;
  /** Oldest first. */
  readonly kubelets: Fact<readonly KubeletVersion[]>;
  /** Whether every kubelet is in the range of the version-skew policy; other API servers of the cluster are not seen. */
  readonly withinSkew: Fact<boolean>;
}

/** Kubelet versions of all nodes, sorted as text, each once; unknown where a node was not read or says none. */
export function kubeletVersionsOf(world: World): Fact<readonly string[]> {
  return mapFact(versionsByNode(world), (versions) => sortedUnique(versions));
}

/** The versions of API server and kubelets, and whether they may be together. */
export function kubernetesVersions(world: World): KubernetesVersions {
  const apiServer = world.kubernetesVersion;
  const server = apiServer.known ? apiServer.value : undefined;
  const kubelets = mapFact(versionsByNode(world), (versions) =>
    [...groupBy(versions, (version) => version)]
      .map(([version, nodes]) => ({ version, nodes: nodes.length, skew: skewOf(version, server) }))
      .sort(oldestFirst),
  );
  return { apiServer, kubelets, withinSkew: withinSkew(apiServer, kubelets) };
}

/** Whether upstream supports the kubelet under the API server; `unknown` where either text is no version. */
export function skewOf(kubelet: string, apiServer: string | undefined): Skew {
  const [left, right] = [parseVersion(kubelet), parseVersion(apiServer ?? '')];
  if (left === undefined || right === undefined) return 'unknown';
  const behind = minorDifference(right, left);
  if (behind === undefined) return 'unknown';
  if (behind < 0) return 'newer-than-api-server';
  const { oldBelowMinor, oldMinorsBehind, minorsBehind } = SKEW_POLICY;
  return behind > (left.minor < oldBelowMinor ? oldMinorsBehind : minorsBehind) ? 'too-old' : 'supported';
}

function versionsByNode(world: World): Fact<readonly string[]> {
  const nodes = nodesOf(world);
  if (!nodes.known) return nodes;
  const versions = nodes.value.map((node) => asText(at(node.status, 'nodeInfo', 'kubeletVersion')));
  const read = versions.filter((version) => version !== undefined);
  return read.length === versions.length ? known(read) : unknown('some nodes do not say which kubelet they run');
}

function withinSkew(apiServer: Fact<string>, kubelets: Fact<readonly KubeletVersion[]>): Fact<boolean> {
  if (!apiServer.known) return apiServer;
  if (!kubelets.known) return kubelets;
  if (kubelets.value.some(({ skew }) => skew === 'newer-than-api-server' || skew === 'too-old')) return known(false);
  const unread = kubelets.value.find(({ skew }) => skew === 'unknown');
  if (unread === undefined) return known(true);
  return unknown(`kubelet ${unread.version} and API server ${apiServer.value} cannot be compared`);
}

function oldestFirst(left: KubeletVersion, right: KubeletVersion): number {
  const [a, b] = [parseVersion(left.version), parseVersion(right.version)];
  const order = a === undefined || b === undefined ? 0 : compareVersions(a, b);
  return order === 0 ? compareText(left.version, right.version) : order;
}
