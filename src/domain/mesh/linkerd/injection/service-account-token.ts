import { asBoolean } from '../../../../lib/json.ts';
import { KIND } from '../../../kubernetes/kinds.ts';
import { formatRef } from '../../../kubernetes/object.ts';
import { gapOfObject } from '../../../world/coverage.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import type { PodShape } from '../../../world/pod-shape.ts';
import type { World } from '../../../world/world.ts';
import { knownControlPlane } from '../control-plane.ts';
import { lacksToken } from './injection-reasons.ts';

/** Where a pod is created, and whose injector is asked about it. */
export interface InjectedBy {
  readonly namespace: string;
  readonly controlPlaneNamespace: string;
}

/**
 * Whether the injector leaves the pod alone because it has no token of its account. That counts only where the chart
 * projects none of its own; then the pod's `automountServiceAccountToken` decides, else its ServiceAccount's.
 * Source: linkerd2 pkg/inject/report.go#newReport, kubernetes plugin/pkg/admission/serviceaccount#shouldAutomount.
 */
export function injectorMissesToken(pod: PodShape, by: InjectedBy, world: World): Fact<boolean> {
  const plane = knownControlPlane(world, by.controlPlaneNamespace);
  if (!plane.known) return plane;
  const projection = plane.value.serviceAccountTokenProjection;
  if (!projection.known || projection.value) return projection.known ? known(false) : projection;
  const mounted = mountsToken(pod, by.namespace, world);
  if (!mounted.known) return mounted;
  return known(lacksToken({ origin: 'webhook', projection: false, automount: mounted.value, mounted: mounted.value }));
}

function mountsToken(pod: PodShape, namespace: string, world: World): Fact<boolean> {
  if (pod.automountsToken !== undefined) return known(pod.automountsToken);
  const ref = { kind: KIND.serviceAccount, namespace, name: pod.serviceAccount };
  const account = world.get(ref);
  if (account !== undefined) return known(asBoolean(account['automountServiceAccountToken']) ?? true);
  const gap = gapOfObject(world.coverage, ref);
  if (gap === undefined) return known(true);
  const why = `the chart projects no service account tokens, and whether the pod mounts one depends on ${formatRef(ref)}`;
  return unknown(`${why}: ${gap}`);
}
