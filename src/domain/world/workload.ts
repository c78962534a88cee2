import type { KubeObject } from '../kubernetes/object.ts';
import type { Fact } from './fact.ts';
import type { PodShape } from './pod-shape.ts';

/** Names a workload; `kind` without group, as people write it: `Deployment`. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * Pods of one workload that no mesh can tell apart: same template, proxy, revision, labels and account. The cohort
 * `next` is what the template would create now, and it is part of every verdict.
 */
export interface Cohort {
  /** `next`, or a name made of what tells the cohort from its siblings. */
  readonly id: string;
  readonly state: 'live' | 'next';
  readonly pods: number;
  readonly ready: number;
  readonly pod: PodShape;
  /** One pod to look at, for messages. */
  readonly example?: string;
  /** Of `next` alone: why the template was not read; `pod` is then what live pods look like, and the next may differ. */
  readonly unread?: string;
}

/** Something that runs pods: a controller, a job, or a pod that nobody owns. */
export interface Workload extends WorkloadRef {
  readonly serviceAccount: string;
  readonly template: PodShape;
  /** Pods asked for; for a CronJob or a Job between runs, zero. */
  readonly replicas: Fact<number>;
  /** Live pods by cohort, largest first; unknown where pods were not read. */
  readonly live: Fact<readonly Cohort[]>;
  readonly next: Cohort;
  /** Schedule of a CronJob, as written. */
  readonly schedule?: string;
  readonly suspended: boolean;
  /** The operator or tool that writes this object, where it can be told. */
  readonly managedBy?: string;
  /** The object that the workload was read from; a pod's own object where nobody owns it. */
  readonly object: KubeObject;
}

/** The reference alone. */
export function workloadRef(workload: WorkloadRef): WorkloadRef {
  return { namespace: workload.namespace, kind: workload.kind, name: workload.name };
}

/** The reference as people write it: `shop/Deployment/cart`. */
export function formatWorkload(ref: WorkloadRef): string {
  return `${ref.namespace}/${ref.kind}/${ref.name}`;
}

/** All cohorts that a verdict must hold for: the live ones, then the one that the template creates next. */
export function cohortsOf(workload: Workload): readonly Cohort[] {
  return workload.live.known ? [...workload.live.value, workload.next] : [workload.next];
}
