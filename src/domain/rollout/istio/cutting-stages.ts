import { reaches } from '../goals.ts';
import { planAuthorization } from './authorization.ts';
import type { Cutting } from './cutting.ts';
import { gateByWorkload } from './gates-by-workload.ts';
import { planStrict } from './strict.ts';
import { isMeasured } from './telemetry.ts';

/** Plans STRICT and deny-by-default of every namespace that was enrolled, as far as the goal goes. */
export function planCutting(given: Omit<Cutting, 'namespace' | 'isMeasured'>): void {
  const { planning, enrolled, rule } = given;
  const { goal, world } = planning.input;
  if (!reaches(goal, 'strict')) return;
  const shared = { ...given, isMeasured: isMeasured(world) };
  for (const namespace of enrolled.namespaces) {
    planStrict({ ...shared, namespace });
    if (reaches(goal, 'deny-by-default')) planAuthorization({ ...shared, namespace });
    gateByWorkload(planning, { namespace, windowSeconds: rule.minWindowSeconds });
  }
}
