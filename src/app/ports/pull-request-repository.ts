/** Files by path from the root of the repository; undefined where one is taken away. */
export type FileChanges = ReadonlyMap<string, string | undefined>;

/** The commit at the end of a branch. */
export interface BranchHead {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly tree: string;
  readonly message: string;
}

/** A branch to move; `from` is where it must stand until then, absent for a new one. */
export interface BranchMove {
  readonly branch: string;
  readonly from?: string;
  readonly to: string;
}

/** A Git repository, of which only objects and the named branches are ever written: no index, no work tree. */
export interface PullRequestRepository {
  readonly base: { readonly branch: string; readonly commit: string };
  /** Branches that some work tree has checked out. */
  readonly checkedOut: ReadonlySet<string>;
  /** Paths of the files below a folder at a commit, from the root; all of them where the folder is empty. */
  filesBelow(commit: string, folder: string): readonly string[];
  /** The text of a file at a commit; undefined where there is none. */
  textAt(commit: string, path: string): string | undefined;
  headOf(branch: string): BranchHead | undefined;
  isAncestor(commit: string, of: string): boolean;
  /** The tree of the commit with the changes. */
  treeWith(commit: string, changes: FileChanges): string;
  commit(content: Omit<BranchHead, 'commit'>): string;
  /** All moves, or none where one of the branches stands elsewhere by now. */
  move(moves: readonly BranchMove[]): void;
}
