import type { KubeObject } from '../../kubernetes/object.ts';
import { readByRevision, REVISION_LABEL } from '../../mesh/istio/config-visibility.ts';
import { controlPlanes } from '../../mesh/istio/control-plane.ts';
import type { World } from '../../world/world.ts';

/**
 * Which of the cluster's control planes read an object: its label istio.io/rev may leave it to some of them, or to none.
 * Where no control plane is known, all are taken to read it.
 * Source: istio pkg/config/model.go#LabelsInRevision.
 */
export function readersOf(world: World, { metadata }: Pick<KubeObject, 'metadata'>): 'all' | 'some' | 'none' {
  const planes = controlPlanes(world);
  const reading = planes.filter(({ revision }) => readByRevision(metadata.labels, revision).read);
  if (reading.length === planes.length) return 'all';
  return reading.length === 0 ? 'none' : 'some';
}

/** What the label of an object says, as `label istio.io/rev: canary`. */
export function revisionLabelOf({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return `label ${REVISION_LABEL}: ${metadata.labels[REVISION_LABEL] ?? ''}`;
}
