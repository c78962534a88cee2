import { KIND } from '../../kubernetes/kinds.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import type { Planning } from '../planning.ts';

const LEVELS: ReadonlySet<string> = new Set(['baseline', 'restricted']);

/**
 * The Pod Security level that a namespace enforces, where it refuses istio-init (which asks for NET_ADMIN).
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 */
export function refusesInitContainer(world: World, namespace: string): string | undefined {
  const level = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels[
    'pod-security.kubernetes.io/enforce'
  ];
  return level !== undefined && LEVELS.has(level) ? level : undefined;
}

/** Whether the CNI plugin of Istio runs on the nodes. */
export function hasNodeAgent(world: World): boolean {
  return world
    .namespaces()
    .some((namespace) =>
      workloadsIn(world, namespace).some(({ kind, name }) => kind === 'DaemonSet' && name === 'istio-cni-node'),
    );
}

/** What is in the way of a wave in a namespace whose level refuses the init container. */
export function podSecurityObstacle({ world }: Planning, namespace: string): readonly Obstacle[] {
  const level = refusesInitContainer(world, namespace);
  if (level === undefined || hasNodeAgent(world)) return [];
  return [
    {
      kind: 'platform',
      what: `namespace ${namespace} enforces Pod Security ${level}, which refuses the container istio-init`,
      remedy: 'install the chart cni and set cni.enabled for istiod, then plan again',
    },
  ];
}
