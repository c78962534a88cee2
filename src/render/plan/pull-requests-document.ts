import type { Document, Item, Part } from '../document.ts';

/** One pull request as it is shown. */
export interface ShownPullRequest {
  readonly stage: string;
  readonly state: string;
  readonly title: string;
  readonly branch: string;
  readonly base: string;
  readonly files: readonly string[];
  readonly bodyFile: string;
  readonly url?: string;
}

/** The result of `pr`, as `-o json` has it. */
export interface ShownPullRequests {
  readonly repository: string;
  readonly base: string;
  readonly path: string;
  readonly pullRequests: readonly ShownPullRequest[];
  readonly left: readonly { readonly stage: string; readonly state: string }[];
  readonly pushed: boolean;
  readonly remote: string;
}

const LEFT_SHOWN = 10;

/** Of the stages without a branch, those that are written out wait for one that is not. */
const WORDS: Readonly<Record<string, string>> = {
  ready: 'waits for one of these',
  waived: 'waits for one of these',
};

/** The branches in their order, what has none, and what opens them. */
export function pullRequestsDocument(result: ShownPullRequests): Document {
  const { pullRequests, repository, base } = result;
  return {
    title: 'Pull requests',
    first: `${repository}: ${countsText(pullRequests)}; on ${base}`,
    parts: [...listOf(pullRequests), ...leftPart(result), ...nextPart(result)],
  };
}

function countsText(requests: readonly ShownPullRequest[]): string {
  const states = ['created', 'updated', 'unchanged', 'merged'] as const;
  return states
    .map((state) => `${String(requests.filter((request) => request.state === state).length)} ${state}`)
    .join(', ');
}

/** A list, because a branch that a table breaks over two lines cannot be copied. */
function listOf(requests: readonly ShownPullRequest[]): readonly Part[] {
  if (requests.length === 0) return [{ part: 'text', text: 'No stage of the plan may be applied now.' }];
  const items = requests.map(({ state, branch, base, files, title, url }): Item => {
    if (state === 'merged') return { text: `merged: ${title}` };
    const count = files.length === 1 ? '1 file' : `${String(files.length)} files`;
    return {
      text: `${state}: ${branch}`,
      items: [{ text: `${title}; ${count}, on ${base}` }, ...(url === undefined ? [] : [{ text: url }])],
    };
  });
  return [{ part: 'list', items }];
}

function leftPart({ left }: ShownPullRequests): readonly Part[] {
  if (left.length === 0) return [];
  const more = left.length - LEFT_SHOWN;
  const names = left.slice(0, LEFT_SHOWN).map(({ stage, state }) => `${stage} (${WORDS[state] ?? state})`);
  const text = `No branch for ${[...names, ...(more > 0 ? [`${String(more)} more`] : [])].join(', ')}.`;
  return [{ part: 'text', text }];
}

function nextPart(result: ShownPullRequests): readonly Part[] {
  const open = result.pullRequests.filter(({ state }) => state !== 'merged');
  const [first] = open;
  if (first === undefined || result.pushed) return [];
  const item: Item = {
    text:
      open.length === 1
        ? 'Nothing was pushed. To open the pull request, in the repository:'
        : `Nothing was pushed. To open the first, and then each of the ${String(open.length)} in this order, in the repository:`,
    command: pushCommand(first.branch, result.remote),
    items: [{ text: 'then', command: createCommand(first) }],
  };
  return [
    { part: 'list', items: [item] },
    { part: 'text', text: 'With gh on the PATH, --create does both for all of them.' },
    {
      part: 'text',
      text: 'No check runs by itself: for the entry gate of each, copy ci/meshwise-entry.yaml, which is in the branches, to .github/workflows/ first.',
    },
  ];
}

/** Pushes one branch. */
export function pushCommand(branch: string, remote: string): readonly string[] {
  return ['git', 'push', '--force-with-lease', remote, branch];
}

/** Opens one pull request, with the page of the stage as its text. */
export function createCommand({ branch, base, title, bodyFile }: ShownPullRequest): readonly string[] {
  return ['gh', 'pr', 'create', '--head', branch, '--base', base, '--title', title, '--body-file', bodyFile];
}
