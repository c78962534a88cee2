import { reaches } from '../goals.ts';
import { planAuthorization } from './authorization.ts';
import type { Cutting } from './cutting.ts';
import { gateByWorkload } from './gates-by-workload.ts';
import { SIDECAR_PLANE } from './sidecar-plane.ts';
import { planStrict } from './strict.ts';
import { isMeasured } from '../foundations/prometheus.ts';

/** What the stages that cut are planned from; with sidecars unless a plane is given. */
export type CuttingGiven = Omit<Cutting, 'namespace' | 'isMeasured' | 'plane'> & Partial<Pick<Cutting, 'plane'>>;

/** Plans STRICT and deny-by-default of every namespace that was enrolled, as far as the goal goes. */
export function planCutting(given: CuttingGiven): void {
  const { planning, enrolled, rule } = given;
  const { goal, world } = planning.input;
  if (!reaches(goal, 'strict')) return;
  const shared = { plane: SIDECAR_PLANE, ...given, isMeasured: isMeasured(world) };
  for (const namespace of enrolled.namespaces) {
    planStrict({ ...shared, namespace });
    if (reaches(goal, 'deny-by-default')) planAuthorization({ ...shared, namespace });
    if (shared.plane === SIDECAR_PLANE) gateByWorkload(planning, { namespace, windowSeconds: rule.minWindowSeconds });
  }
}
