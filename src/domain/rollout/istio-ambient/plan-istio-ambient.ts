import { planPreflight } from '../preflight.ts';
import type { Planning } from '../planning.ts';

/** Plans Istio in ambient mode into the given planning, from preflight to operate. */
export function planIstioAmbient(planning: Planning): void {
  planPreflight(planning, []);
}
