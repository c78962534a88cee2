import type { FileChanges } from './ports/pull-request-repository.ts';

/** The files that are there before a pull request. */
export interface FilesBefore {
  /** Paths from the root of the repository, of the files below the bundle's folder. */
  readonly paths: readonly string[];
  read(path: string): string | undefined;
}

/** One pull request to be made, in the order of the plan. */
export interface PullRequestDraft {
  /** Id of the stage, or `layout` for what a GitOps layout needs before the first. */
  readonly id: string;
  readonly title: string;
  /** One line on why. */
  readonly summary: string;
  /** Ids of drafts and of other stages that come before it; only those that are drafts count. */
  readonly dependsOn: readonly string[];
  /** The file that holds the body, in the bundle that was given. */
  readonly bodyFile: string;
  readonly body: string;
  /** What it changes; undefined where what is there before has it already. */
  changes(before: FilesBefore): FileChanges | undefined;
}

export type PullRequestState = 'created' | 'updated' | 'unchanged' | 'merged';

/** One pull request as it stands now. */
export interface PullRequest {
  readonly stage: string;
  readonly state: PullRequestState;
  readonly title: string;
  readonly branch: string;
  /** The branch that it is to be merged into. */
  readonly base: string;
  /** All that it waits for: other branches of these, which have to be merged before. */
  readonly waitsFor: readonly string[];
  /** Absent where it is merged. */
  readonly commit?: string;
  /** What it adds, edits or takes away, sorted. */
  readonly files: readonly string[];
  readonly bodyFile: string;
  readonly body: string;
}
