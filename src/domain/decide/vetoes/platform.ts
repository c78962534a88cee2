import { at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { workloadGaps } from '../evidence/containers.ts';
import type { Constraint } from '../assessment.ts';
import type { OptionId } from '../option.ts';

const NAMED = 3;

/** Rules on the kind of nodes; each asks how many of the nodes are so. */
export function nodeConstraints(world: World, option: OptionId): readonly Constraint[] {
  if (option === 'none') return [];
  const { objects, gap } = world.list(KIND.node);
  if (objects.length === 0) {
    const reason = `no Node was read, so serverless, Windows and Autopilot nodes are not assessed${gap === undefined ? '' : `: ${gap}`}`;
    return [{ id: 'node-kinds', state: 'not-assessed', reason, evidence: [], mark: 'E' }];
  }
  const partly = gap === undefined ? [] : [notWhole(gap)];
  return [...serverless(objects, option, gap), ...autopilot(objects, option), ...windows(objects, gap), ...partly];
}

function notWhole(gap: string): Constraint {
  return {
    id: 'node-kinds',
    state: 'not-assessed',
    reason: `not all Nodes were read: ${gap}`,
    evidence: [],
    mark: 'E',
  };
}

/** Source: https://github.com/istio/istio/issues/26154 and https://github.com/aws/containers-roadmap/issues/682. */
function serverless(nodes: readonly KubeObject[], option: OptionId, gap: string | undefined): readonly Constraint[] {
  const found = nodes.filter(isServerless);
  if (found.length === 0) return [];
  const all = found.length === nodes.length && gap === undefined;
  // Consul can run without redirection there; nobody checked that, so it is not dropped.
  const state = all && option !== 'consul' ? 'veto' : 'caution';
  const reason = `${share(found, nodes)} run no DaemonSet and refuse NET_ADMIN, so nothing can redirect their pods’ traffic`;
  return [
    {
      id: 'serverless-nodes',
      state,
      reason,
      evidence: name(found, 'metadata.labels'),
      mark: option === 'consul' ? 'M' : 'P',
    },
  ];
}

function isServerless(node: KubeObject): boolean {
  const { labels } = node.metadata;
  return labels['eks.amazonaws.com/compute-type'] === 'fargate' || labels['type'] === 'virtual-kubelet';
}

/** Source: https://istio.io/latest/docs/setup/platform-setup/gke/, https://github.com/linkerd/linkerd2/issues/8422. */
function autopilot(nodes: readonly KubeObject[], option: OptionId): readonly Constraint[] {
  const found = nodes.filter((node) => node.metadata.name.startsWith('gk3-'));
  if (found.length === 0) return [];
  const needsAgent = option === 'istio-ambient' || option === 'linkerd';
  const state = needsAgent ? 'veto' : 'caution';
  const reason = needsAgent
    ? 'GKE Autopilot refuses the node agents and the NET_ADMIN that it needs'
    : 'GKE Autopilot refuses node agents; NET_ADMIN must be allowed for the whole cluster';
  return [{ id: 'gke-autopilot', state, reason, evidence: name(found, 'metadata.name'), mark: 'P' }];
}

/** Source: https://github.com/istio/istio/issues/39788; for Linkerd only the enterprise build since 2.19. */
function windows(nodes: readonly KubeObject[], gap: string | undefined): readonly Constraint[] {
  const found = nodes.filter(
    (node) =>
      node.metadata.labels['kubernetes.io/os'] === 'windows' ||
      at(node.status, 'nodeInfo', 'operatingSystem') === 'windows',
  );
  if (found.length === 0) return [];
  const state = found.length === nodes.length && gap === undefined ? 'veto' : 'caution';
  const reason = `${share(found, nodes)} run Windows, where no open-source proxy of it runs`;
  return [{ id: 'windows-nodes', state, reason, evidence: name(found, 'status.nodeInfo.operatingSystem'), mark: 'M' }];
}

function share(found: readonly KubeObject[], nodes: readonly KubeObject[]): string {
  return `${String(found.length)} of ${String(nodes.length)} nodes`;
}

function name(objects: readonly KubeObject[], field: string): readonly Evidence[] {
  return objects.slice(0, NAMED).map((object) => ({ object: refOf(object), field, rule: 'the node is of this kind' }));
}

/** Pods on the node's network cannot be taken by a proxy of their own, nor by ztunnel. */
export function hostNetworkConstraint(world: World, option: OptionId): readonly Constraint[] {
  if (option === 'none' || option === 'cilium') return [];
  const workloads = workloadsOf(world);
  const found = workloads.filter((workload) => workload.template.hostNetwork);
  if (found.length === 0) return [];
  const whole = workloadGaps(world).length === 0;
  const evidence = found.slice(0, NAMED).map((workload) => ({
    object: refOf(workload.object),
    field: 'spec.template.spec.hostNetwork',
    value: 'true',
    rule: 'the pod stands on the node’s network',
  }));
  const state = whole && found.length === workloads.length ? 'veto' : 'caution';
  const reason = `${String(found.length)} of ${String(workloads.length)} workloads use the host network and stay outside`;
  return [{ id: 'host-network', state, reason, evidence, mark: 'P' }];
}

/**
 * Pod Security levels that refuse NET_ADMIN in pods; redirection then needs a CNI plugin.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 */
export function podSecurityConstraint(world: World, option: OptionId): readonly Constraint[] {
  if (option === 'none' || option === 'cilium' || option === 'istio-ambient') return [];
  const strict = world
    .list(KIND.namespace)
    .objects.filter((namespace) =>
      ['baseline', 'restricted'].includes(namespace.metadata.labels['pod-security.kubernetes.io/enforce'] ?? ''),
    );
  if (strict.length === 0) return [];
  const nodes = world.list(KIND.node);
  const noAgents =
    nodes.gap === undefined &&
    nodes.objects.length > 0 &&
    nodes.objects.every((node) => isServerless(node) || node.metadata.name.startsWith('gk3-'));
  const used = new Set(workloadsOf(world).map((workload) => workload.namespace));
  const everywhere = [...used].every((namespace) => strict.some((object) => object.metadata.name === namespace));
  const evidence = strict.slice(0, NAMED).map((object) => ({
    object: refOf(object),
    field: 'metadata.labels["pod-security.kubernetes.io/enforce"]',
    value: object.metadata.labels['pod-security.kubernetes.io/enforce'] ?? '',
    rule: 'NET_ADMIN is refused in pods',
  }));
  const veto = noAgents && everywhere && workloadGaps(world).length === 0;
  const reason = veto
    ? 'no namespace allows NET_ADMIN and no node runs a CNI plugin, so traffic cannot be redirected'
    : `${String(strict.length)} namespaces refuse NET_ADMIN: redirection needs the mesh’s CNI plugin`;
  return [{ id: 'pod-security', state: veto ? 'veto' : 'caution', reason, evidence, mark: 'P' }];
}
