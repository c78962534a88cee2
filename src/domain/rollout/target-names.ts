import type { Target } from './plan.ts';

/** The targets that a rollout can be planned towards. */
export const TARGETS = ['istio-sidecar', 'istio-ambient', 'linkerd'] as const satisfies readonly Target[];
