import { join, resolve } from 'node:path';
import type { PullRequestHost } from './app/ports/pull-request-host.ts';
import type { FileChanges, PullRequestRepository } from './app/ports/pull-request-repository.ts';
import type { PullRequestDraft } from './app/pull-request-draft.ts';
import type { RolloutPlan } from './domain/rollout/plan.ts';
import { usageError } from './lib/errors.ts';
import type { Layout } from './render/bundle/layout.ts';
import type { StageRequest } from './render/bundle/pull-request-drafts.ts';
import { wireBundleTools, refuseCredentials } from './wiring-bundle.ts';

/** What the command line says of the repository. */
export interface RepositoryFlags {
  readonly repo: string;
  readonly base?: string | undefined;
  readonly remote: string;
}

/** The user's repository. */
export async function wireRepository({ repo, base }: RepositoryFlags): Promise<PullRequestRepository> {
  const { openRepository } = await import('./adapters/git/open-repository.ts');
  return openRepository({ folder: repo, base });
}

/** Where pull requests are opened; undefined where its command line tool is not there. */
export async function wireHost({ repo, remote }: RepositoryFlags): Promise<PullRequestHost | undefined> {
  const { githubHost } = await import('./adapters/git/github-host.ts');
  return githubHost(repo, remote);
}

export interface DraftFlags extends RepositoryFlags {
  readonly path: string;
  /** The folder of the bundle, whose pages are the texts. */
  readonly pages: string;
  readonly layout: Layout;
  readonly 'repo-url'?: string | undefined;
}

/** The layout that a bundle was written with; for kubectl where nothing tells. */
export async function wireLayoutOf(bundle: string): Promise<Layout> {
  const { existsSync } = await import('node:fs');
  const { LAYOUTS } = await import('./render/bundle/layout.ts');
  return LAYOUTS.find((layout) => existsSync(join(bundle, layout))) ?? 'kustomize';
}

/** The pull requests that a plan asks for, with paths from the root of the repository. */
export async function wireDrafts(plan: RolloutPlan, flags: DraftFlags): Promise<readonly PullRequestDraft[]> {
  const [{ stageRequests }, tools] = await Promise.all([
    import('./render/bundle/pull-request-drafts.ts'),
    wireBundleTools(),
  ]);
  const repoUrl = flags.layout === 'argocd' ? await repositoryUrl(flags) : undefined;
  const layout = { layout: flags.layout, repoPath: flags.path, ...(repoUrl === undefined ? {} : { repoUrl }) };
  return stageRequests({ plan, tools, layout }).map((request) => draftOf(request, flags));
}

async function repositoryUrl(flags: DraftFlags): Promise<string> {
  const { remoteUrl } = await import('./adapters/git/open-repository.ts');
  refuseCredentials(flags['repo-url']);
  const url = flags['repo-url'] ?? remoteUrl(flags.repo, flags.remote);
  if (url !== undefined) return url;
  throw usageError(
    'no-repository-url',
    `Argo CD has to find the repository, and it has no remote ${flags.remote}`,
    'give its address with --repo-url',
  );
}

function draftOf(request: StageRequest, { path: folder, pages }: DraftFlags): PullRequestDraft {
  const prefix = folder === '' ? '' : `${folder}/`;
  return {
    id: request.id,
    title: request.title,
    summary: request.summary,
    dependsOn: request.dependsOn,
    bodyFile: resolve(pages, request.page),
    body: request.body,
    changes: (before): FileChanges | undefined => {
      const changes = request.changes({
        paths: before.paths.map((path) => path.slice(prefix.length)),
        read: (path) => before.read(`${prefix}${path}`),
      });
      return changes === undefined
        ? undefined
        : new Map([...changes].map(([path, text]) => [`${prefix}${path}`, text] as const));
    },
  };
}
