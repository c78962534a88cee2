import type { PullRequestHost } from './ports/pull-request-host.ts';
import type { PullRequest } from './pull-request-draft.ts';

/** The addresses of the pull requests by stage, after the branches were pushed and each was opened in order. */
export function openPullRequests(host: PullRequestHost, requests: readonly PullRequest[]): ReadonlyMap<string, string> {
  const open = requests.filter(({ state }) => state !== 'merged');
  host.push(open.map(({ branch }) => branch));
  return new Map(
    open.map(({ stage, branch, base, title, body }) => [stage, host.open({ branch, base, title, body })] as const),
  );
}
