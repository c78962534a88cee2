import type { OwnerReference } from '../kubernetes/object.ts';
import type { PodShape } from './pod-shape.ts';

/**
 * Pods that nothing in the rules can tell apart stand in a world as one Pod object with a count: clusters have many
 * pods and few kinds of them.
 */
export interface PodFold {
  readonly pods: number;
  readonly ready: number;
  readonly owner?: OwnerReference;
  /** Name of one of the pods. */
  readonly example: string;
  /** The shape that admission gave pods which were made in simulation; absent for pods that were read. */
  readonly shape?: PodShape;
  /** How many of the pods run on which node, sorted by node; absent where the source did not say. */
  readonly nodes?: readonly PodsOnNode[];
}

/** Pods of one class on one node. */
export interface PodsOnNode {
  readonly node: string;
  readonly pods: number;
}
