import { usageError } from '../lib/errors.ts';
import { compareText } from '../lib/order.ts';
import type { BranchHead, BranchMove, FileChanges, PullRequestRepository } from './ports/pull-request-repository.ts';
import { branchOf, messageOf, refuseForeign, refuseOwnBase } from './pull-request-branch.ts';
import type { FilesBefore, PullRequest, PullRequestDraft } from './pull-request-draft.ts';

export interface PreparedPullRequests {
  readonly pullRequests: readonly PullRequest[];
}

export interface PullRequestWishes {
  readonly drafts: readonly PullRequestDraft[];
  /** Ids to limit to; those that they rest on come with them. Empty: all. */
  readonly only: readonly string[];
  /** The folder of the bundle in the repository. */
  readonly folder: string;
}

/** A draft that was dealt with. */
interface Settled {
  readonly draft: PullRequestDraft;
  readonly request: PullRequest;
  /** Its own changes; none where it is merged. */
  readonly changes: FileChanges;
  /** Drafts that it rests on and that are not merged, nearest and farther, in the order of the plan. */
  readonly rests: readonly string[];
}

/**
 * One branch with one commit for each draft. A commit stands on the commits of the drafts that it depends on and that
 * are not merged yet, on the base where there are none. All is looked at before the first branch is moved; branches that
 * would not change are left alone.
 */
export function preparePullRequests(
  repository: PullRequestRepository,
  wishes: PullRequestWishes,
): PreparedPullRequests {
  refuseOwnBase(repository.base.branch);
  const drafts = chosen(wishes);
  refuseTwins(drafts);
  const atBase = baseFiles(repository, wishes.folder);
  const settled = new Map<string, Settled>();
  const moves: BranchMove[] = [];
  for (const draft of drafts) {
    const rests = restsOn(draft, wishes.drafts, settled);
    const under = rests.flatMap((id) => settled.get(id) ?? []);
    const changes = draft.changes(atBase) === undefined ? undefined : draft.changes(after(atBase, under));
    if (changes === undefined) settled.set(draft.id, merged(draft, repository));
    else settled.set(draft.id, settle({ repository, draft, rests, under, changes, moves }));
  }
  repository.move(moves);
  return { pullRequests: [...settled.values()].map(({ request }) => request) };
}

function chosen({ drafts, only }: PullRequestWishes): readonly PullRequestDraft[] {
  const unknown = only.find((id) => !drafts.some((draft) => draft.id === id));
  if (unknown !== undefined) {
    throw usageError(
      'no-such-stage',
      `the plan has no stage ${unknown.slice(0, 100)} that may be applied`,
      'see the checklist in README.md of the plan: only ready and waived stages, on none that is blocked or an outline, become pull requests',
    );
  }
  if (only.length === 0) return drafts;
  const wanted = new Set(only);
  for (const draft of [...drafts].reverse()) if (wanted.has(draft.id)) for (const id of draft.dependsOn) wanted.add(id);
  return drafts.filter(({ id }) => wanted.has(id));
}

function refuseTwins(drafts: readonly PullRequestDraft[]): void {
  const branches = drafts.map(({ id }) => branchOf(id));
  const twin = branches.find((branch, index) => branches.indexOf(branch) !== index);
  if (twin === undefined) return;
  throw usageError('twin-branches', `two stages of the plan would have the branch ${twin}`, 'plan again');
}

function baseFiles(repository: PullRequestRepository, folder: string): FilesBefore {
  const { commit } = repository.base;
  return { paths: repository.filesBelow(commit, folder), read: (path) => repository.textAt(commit, path) };
}

/** The files with those of the drafts under a draft laid over them. */
function after(before: FilesBefore, under: readonly Settled[]): FilesBefore {
  const laid = overlay(under.map(({ changes }) => changes));
  const kept = before.paths.filter((path) => !laid.has(path));
  const added = [...laid].flatMap(([path, text]) => (text === undefined ? [] : [path]));
  return {
    paths: [...kept, ...added].sort(compareText),
    read: (path) => (laid.has(path) ? laid.get(path) : before.read(path)),
  };
}

function overlay(all: readonly FileChanges[]): FileChanges {
  return new Map(all.flatMap((changes) => [...changes]));
}

/** The drafts under a draft that are not merged, whatever stages without a branch lie between. */
function restsOn(
  draft: PullRequestDraft,
  all: readonly PullRequestDraft[],
  settled: ReadonlyMap<string, Settled>,
): readonly string[] {
  const found = new Set<string>();
  const follow = (ids: readonly string[]): void => {
    for (const id of ids) {
      const other = settled.get(id);
      if (other === undefined || other.request.state === 'merged' || found.has(id)) continue;
      found.add(id);
      follow(other.rests);
    }
  };
  follow(draft.dependsOn);
  return all.filter(({ id }) => found.has(id)).map(({ id }) => id);
}

function merged(draft: PullRequestDraft, { base }: PullRequestRepository): Settled {
  const { id, title, bodyFile, body } = draft;
  const branch = branchOf(id);
  const request = { stage: id, state: 'merged' as const, title, branch, base: base.branch, waitsFor: [], files: [] };
  return { draft, request: { ...request, bodyFile, body }, changes: new Map(), rests: [] };
}

interface Settling {
  readonly repository: PullRequestRepository;
  readonly draft: PullRequestDraft;
  readonly rests: readonly string[];
  readonly under: readonly Settled[];
  readonly changes: FileChanges;
  readonly moves: BranchMove[];
}

function settle(settling: Settling): Settled {
  const { repository, draft, rests, under, changes, moves } = settling;
  const branch = branchOf(draft.id);
  const head = repository.headOf(branch);
  if (head !== undefined) refuseForeign(branch, head, draft.id);
  const nearest = under.filter(({ draft: { id } }) => !under.some((other) => other.rests.includes(id)));
  const parents = nearest.flatMap(({ request }) => request.commit ?? []);
  const unchanged = head !== undefined && isCurrent(head, parents, settling);
  const commit = unchanged ? head.commit : newCommit(settling, parents);
  if (!unchanged) {
    refuseCheckedOut(branch, repository);
    moves.push({ branch, to: commit, ...(head === undefined ? {} : { from: head.commit }) });
  }
  const last = nearest.at(-1);
  const request: PullRequest = {
    stage: draft.id,
    state: unchanged ? 'unchanged' : head === undefined ? 'created' : 'updated',
    title: draft.title,
    branch,
    base: last === undefined ? repository.base.branch : last.request.branch,
    waitsFor: nearest.map(({ request: { branch: other } }) => other),
    commit,
    files: [...changes.keys()].sort(compareText),
    bodyFile: draft.bodyFile,
    body: draft.body,
  };
  return { draft, request, changes, rests };
}

/** Whether the branch stands where it would be put, but for a base that went on meanwhile. */
function isCurrent(head: BranchHead, parents: readonly string[], settling: Settling): boolean {
  const { repository, draft, under, changes } = settling;
  const [first] = head.parents;
  if (first === undefined) return false;
  const stands = head.parents.every(
    (parent) => parents.includes(parent) || repository.isAncestor(parent, repository.base.commit),
  );
  if (!stands || !parents.every((parent) => head.parents.includes(parent))) return false;
  const tree = repository.treeWith(first, overlay([...under.map((each) => each.changes), changes]));
  return tree === head.tree && head.message === messageOf(draft, tree);
}

function newCommit({ repository, draft, under, changes }: Settling, parents: readonly string[]): string {
  const stood = parents.length === 0 ? [repository.base.commit] : parents;
  const all = overlay([...under.map((each) => each.changes), changes]);
  const tree = repository.treeWith(stood[0] ?? repository.base.commit, all);
  return repository.commit({ tree, parents: stood, message: messageOf(draft, tree) });
}

function refuseCheckedOut(branch: string, { checkedOut }: PullRequestRepository): void {
  if (!checkedOut.has(branch)) return;
  throw usageError(
    'branch-checked-out',
    `the branch ${branch} is checked out, and would change under its work tree`,
    'check out another branch, then run this again',
  );
}
