import type { KubeObject } from '../kubernetes/object.ts';

/** Policies that attach to a cohort, and what happens to a call that none of them names. */
export interface PolicySummary {
  readonly default: 'allow' | 'deny' | 'unknown';
  readonly policies: readonly KubeObject[];
  /** Why others than `policies` may attach too; absent where these are all. */
  readonly gap?: string;
}
