import type { PodShape } from '../world/pod-shape.ts';

/** A pod as the mesh's admission would make it, with what was assumed; without a pod where that is not known. */
export interface Admission {
  readonly pod: PodShape | undefined;
  readonly assumptions: readonly string[];
}
