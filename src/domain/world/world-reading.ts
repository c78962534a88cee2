import type { KubeObject } from '../kubernetes/object.ts';
import type { Basis, CoverageEntry } from './coverage.ts';
import type { Fact } from './fact.ts';
import type { SetAside } from './result-head.ts';

/** What a source of objects gives: the objects, and how far they can be trusted to be all. */
export interface WorldReading {
  readonly objects: readonly KubeObject[];
  readonly basis: Basis;
  readonly coverage: readonly CoverageEntry[];
  readonly setAside: readonly SetAside[];
  /** What was set aside although objects of the world may be in it, one line each. */
  readonly gaps: readonly string[];
  readonly warnings: readonly string[];
  readonly asOf: Fact<string>;
  readonly kubernetesVersion: Fact<string>;
  readonly cluster: string;
}
