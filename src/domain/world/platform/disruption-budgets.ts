import { asNumber, asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { rowsOf } from './found.ts';

/**
 * Whether pods of a budget may be evicted, as draining a node does: `some` now, `none-now`, `never` however healthy all
 * of them are, or `unknown`.
 */
export type Evictions = 'some' | 'none-now' | 'never' | 'unknown';

/** One PodDisruptionBudget; a rolling restart does not ask it, draining a node does. */
export interface DisruptionBudget {
  readonly namespace: string;
  readonly name: string;
  /** As written, `1` or `50%`. */
  readonly minAvailable?: string;
  readonly maxUnavailable?: string;
  readonly expectedPods?: number;
  readonly disruptionsAllowed?: number;
  readonly evictions: Evictions;
}

/**
 * All PodDisruptionBudgets, sorted by namespace and name.
 * Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/.
 */
export function disruptionBudgetsOf(world: World): Fact<readonly DisruptionBudget[]> {
  return rowsOf(world, KIND.podDisruptionBudget, readBudget);
}

function readBudget({ metadata, spec, status }: KubeObject): DisruptionBudget {
  const minAvailable = amount(at(spec, 'minAvailable'));
  const maxUnavailable = amount(at(spec, 'maxUnavailable'));
  const expectedPods = asNumber(at(status, 'expectedPods'));
  const disruptionsAllowed = asNumber(at(status, 'disruptionsAllowed'));
  const written = {
    ...(minAvailable === undefined ? {} : { minAvailable }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(expectedPods === undefined ? {} : { expectedPods }),
    ...(disruptionsAllowed === undefined ? {} : { disruptionsAllowed }),
  };
  return { namespace: metadata.namespace ?? '', name: metadata.name, ...written, evictions: evictionsOf(written) };
}

function evictionsOf(budget: Omit<DisruptionBudget, 'namespace' | 'name' | 'evictions'>): Evictions {
  const { minAvailable, maxUnavailable, expectedPods, disruptionsAllowed } = budget;
  if (maxUnavailable !== undefined && /^0+%?$/.test(maxUnavailable)) return 'never';
  if (minAvailable !== undefined && asksForAll(minAvailable, expectedPods)) return 'never';
  if (disruptionsAllowed === undefined) return 'unknown';
  return disruptionsAllowed > 0 ? 'some' : 'none-now';
}

/** A share of pods is rounded up, so that one below 100 % may ask for all of them too. */
function asksForAll(minAvailable: string, expectedPods: number | undefined): boolean {
  const share = /^(\d+)%$/.exec(minAvailable)?.[1];
  if (share !== undefined && Number(share) >= 100) return true;
  if (expectedPods === undefined || expectedPods === 0) return false;
  const least = share === undefined ? Number(minAvailable) : Math.ceil((Number(share) * expectedPods) / 100);
  return least >= expectedPods;
}

function amount(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : asText(value);
}
