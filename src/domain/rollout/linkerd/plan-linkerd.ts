import { planPreflight } from '../preflight.ts';
import type { Planning } from '../planning.ts';

/** Plans Linkerd into the given planning, from preflight to operate. */
export function planLinkerd(planning: Planning): void {
  planPreflight(planning, []);
}
