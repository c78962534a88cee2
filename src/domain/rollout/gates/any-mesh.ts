import type { Condition } from '../plan.ts';

/** Pods that cannot start are the first sign of a webhook or an agent in trouble. */
export function noPodsFail(): Condition {
  return {
    id: 'pods-start',
    text: 'Pods fail to start or to be created anywhere in the cluster.',
    command: ['kubectl', 'get', 'events', '-A', '--field-selector=reason=FailedCreate'],
  };
}

/** What stands in the place of queries where nothing measures. */
export const MANUAL_GATES =
  'No Prometheus was found in the cluster: the queries of the gates have nobody to answer them. The gates are manual, and none of them is green by itself.';
