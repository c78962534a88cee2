import type { Kind, KubeObject, ObjectRef } from '../kubernetes/object.ts';

/** How the pods of a workload are made new. */
export type RestartMethod =
  'rollout-restart' | 'rollouts-restart' | 'flagger' | 'operator' | 'delete-pods' | 'next-run' | 'manual';

/** A manifest: what a file in a stage folder holds. No status, no origin. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly [field: string]: unknown;
}

/** Server-side apply of the named fields by one manager: maps merge, lists with a merge key merge by it. */
export interface ApplyStep {
  readonly step: 'apply';
  readonly manifest: Manifest;
  /**
   * The manifest is all that its manager says of the object, as a file is that somebody edits and applies again: what it
   * leaves out goes. `body`: labels and annotations stay all the same, because others may have set them.
   */
  readonly whole?: 'object' | 'body';
}

/** A change to an object that somebody else owns; applied like `apply`, never written as a whole manifest. */
export interface PatchStep {
  readonly step: 'patch';
  readonly target: ObjectRef;
  /** Strategic merge patch: only the changed fields; null removes a field. */
  readonly patch: Readonly<Record<string, unknown>>;
  readonly why: string;
}

/** Removes a whole object. */
export interface DeleteStep {
  readonly step: 'delete';
  readonly target: ObjectRef;
}

/** Makes new pods from the workload's template; only then does injection act again. */
export interface RestartStep {
  readonly step: 'restart';
  readonly workload: ObjectRef;
  readonly method: RestartMethod;
}

/** Commands outside our manifests, with what they are expected to create. */
export interface ExternalStep {
  readonly step: 'external';
  readonly title: string;
  /** Command lines, each a list of arguments; shown, never run. */
  readonly commands: readonly (readonly string[])[];
  readonly expect: readonly KubeObject[];
  /** Kinds that the commands make the cluster serve. */
  readonly expectKinds: readonly Kind[];
  /** What the commands are expected to change in objects that are there; nothing if absent. */
  readonly expectChanges?: readonly ExpectedChange[];
}

/** Fields that a command outside our manifests writes into an object, merged like those of one manager. */
export interface ExpectedChange {
  readonly target: ObjectRef;
  /** As in a patch; `decoded` stands for the text inside a ConfigMap. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Step = ApplyStep | PatchStep | DeleteStep | RestartStep | ExternalStep;

/** An ordered list of steps; a stage is one, its rollback is one, an overlay is one. */
export interface Change {
  /** Names the change in provenance: a stage id, `overlay`. */
  readonly id: string;
  readonly steps: readonly Step[];
}
