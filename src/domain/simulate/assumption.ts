import type { Step } from '../world/step.ts';

/** What may be assumed of the whole cluster, or of one namespace. */
export type Assumption =
  | { readonly what: 'strict' }
  | { readonly what: 'deny-all' }
  | { readonly what: 'enrol-all'; readonly namespace?: string };

/** Meshes whose objects an assumption knows how to change. */
export type AssumingMesh = 'istio' | 'linkerd';

/** The steps that make an assumption true, with what they leave as it is; sentences for people. */
export interface AssumedSteps {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
}
