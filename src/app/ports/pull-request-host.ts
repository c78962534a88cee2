/** A pull request as its host is told of it. */
export interface OpenedBranch {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** Where pull requests are opened. */
export interface PullRequestHost {
  /** Pushes the branches and nothing else; one that was rewritten here only over what the remote was last seen to have. */
  push(branches: readonly string[]): void;
  /** Opens the pull request, or brings the text of the open one up to date; gives its address. */
  open(request: OpenedBranch): string;
}
