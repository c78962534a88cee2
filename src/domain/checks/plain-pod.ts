import { KIND } from '../kubernetes/kinds.ts';
import { istio } from '../mesh/istio/istio.ts';
import type { Enrolment } from '../mesh/mesh.ts';
import { admitPod } from '../mesh/registry.ts';
import { applyChange } from '../world/apply.ts';
import { readPodShape } from '../world/pod-shape.ts';
import type { World } from '../world/world.ts';

/** What Istio does with new pods of a namespace that say nothing themselves, where the namespace alone decides. */
export function enrolmentOfPlainPods(world: World, namespace: string): Enrolment {
  return istio.enrolment(namespace, readPodShape({}, {}), world);
}

/** The world in which the Namespace object, which must be there, has one label less. */
export function withoutNamespaceLabel(world: World, namespace: string, label: string): World {
  const target = { kind: KIND.namespace, name: namespace };
  const patch = { metadata: { labels: { [label]: null } } };
  const why = 'to ask what the other labels do alone';
  return applyChange(world, { id: 'without-label', steps: [{ step: 'patch', target, patch, why }] }, admitPod).world;
}

/** What new pods get, to complete "new pods get ...". */
export function whatPodsGet({ decision, revision, reason }: Enrolment): string {
  switch (decision) {
    case 'inject':
      return `a sidecar of revision ${revision ?? 'default'}`;
    case 'ambient':
      return 'no sidecar, and ztunnel takes them';
    case 'skip':
      return 'no sidecar';
    case 'unknown':
      return `what is not known (${reason})`;
  }
}
