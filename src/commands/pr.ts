import { Flags } from '@oclif/core';
import { openPullRequests } from '../app/open-pull-requests.ts';
import { preparePullRequests } from '../app/prepare-pull-requests.ts';
import type { PullRequest } from '../app/pull-request-draft.ts';
import { BaseCommand } from '../base-command.ts';
import { openStages } from '../domain/rollout/open-stages.ts';
import { CONTRACT_VERSION } from '../domain/world/result-head.ts';
import { usageError } from '../lib/errors.ts';
import { wireWholePlan } from '../wiring-plan.ts';
import { wireDrafts, wireHost, wireLayoutOf, wireRepository } from '../wiring-pr.ts';

export default class Pr extends BaseCommand {
  static override summary =
    'make a branch for each stage of a plan in your Git repository, ready to open as pull requests';
  static override description =
    'One branch and one commit for each stage that may be applied, each on the stages that it waits for. Neither your ' +
    'work tree nor your index is touched, and nothing is pushed without --create. A second run updates its own branches ' +
    'where the plan changed, and leaves every other branch alone.';
  static override examples = [
    {
      description: 'branches for the whole plan',
      command: '<%= config.bin %> <%= command.id %> --plan rollout --repo ~/src/platform',
    },
    {
      description: 'for Argo CD, opened on GitHub',
      command: '<%= config.bin %> <%= command.id %> --plan rollout --repo . --layout argocd --create',
    },
  ];
  static override flags = {
    plan: Flags.string({ required: true, summary: 'folder that meshwise plan wrote', helpValue: 'DIR' }),
    repo: Flags.string({ default: '.', summary: 'your Git repository', helpValue: 'PATH' }),
    base: Flags.string({
      summary: 'branch to merge into; the one that is checked out if not given',
      helpValue: 'BRANCH',
    }),
    path: Flags.string({ default: 'rollout', summary: 'folder of the rollout in the repository', helpValue: 'FOLDER' }),
    layout: Flags.option({
      options: ['kustomize', 'argocd', 'flux'] as const,
      summary: 'who applies the stages: kubectl, Argo CD or Flux; as the plan was written if not given',
    })(),
    'repo-url': Flags.string({
      summary: 'where Argo CD finds the repository; the address of the remote if not given',
      helpValue: 'URL',
    }),
    stage: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'this stage only, with those that it waits for; repeatable',
      helpValue: 'ID',
    }),
    create: Flags.boolean({ summary: 'push the branches and open the pull requests with gh, where it is installed' }),
    remote: Flags.string({ default: 'origin', summary: 'remote to push to' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Pr);
    const path = folderOf(flags.path);
    refuseOption('--remote', flags.remote);
    refuseOption('--base', flags.base ?? '');
    const plan = await wireWholePlan().then((read) => read(flags.plan));
    const pages = bundleFolder(flags.plan);
    const layout = flags.layout ?? (await wireLayoutOf(pages));
    const repository = await wireRepository(flags);
    const drafts = await wireDrafts(plan, { ...flags, path, pages, layout });
    const { pullRequests } = preparePullRequests(repository, { drafts, only: flags.stage ?? [], folder: path });
    const host = flags.create ? await wireHost(flags) : undefined;
    if (flags.create && host === undefined) {
      this.warn('gh is not on the PATH: nothing was pushed, the commands to do it by hand follow');
    }
    const urls = host === undefined ? new Map<string, string>() : openPullRequests(host, pullRequests);
    const shown = pullRequests.map((request) => shownRequest(request, urls));
    const frame = { repository: flags.repo, base: repository.base.branch, layout, path, pushed: host !== undefined };
    const open = openStages(plan);
    const left = plan.stages.filter(({ id }) => !open.has(id)).map(({ id, state }) => ({ stage: id, state }));
    return this.show({ ...frame, pullRequests: shown, left, remote: flags.remote });
  }

  private async show(result: Shown): Promise<object> {
    const { createCommand, pullRequestsDocument, pushCommand } =
      await import('../render/plan/pull-requests-document.ts');
    const { renderDocument } = await import('../render/text/document.ts');
    const { renderDocumentMarkdown } = await import('../render/markdown/document.ts');
    const { remote, ...rest } = result;
    const open = result.pullRequests.filter(({ state }) => state !== 'merged');
    const commands = result.pushed
      ? []
      : open.flatMap((request) => [pushCommand(request.branch, remote), createCommand(request)]);
    const head = { apiVersion: CONTRACT_VERSION, kind: 'PullRequests' };
    return this.print(
      { ...head, ...rest, commands, warnings: [] },
      {
        text: () => renderDocument(pullRequestsDocument(result), this.terminal),
        markdown: () => renderDocumentMarkdown(pullRequestsDocument(result)),
      },
    );
  }
}

type ShownRequest = Omit<PullRequest, 'body'> & { readonly url?: string };

interface Shown {
  readonly repository: string;
  readonly base: string;
  readonly layout: string;
  readonly path: string;
  readonly pullRequests: readonly ShownRequest[];
  readonly left: readonly { readonly stage: string; readonly state: string }[];
  readonly pushed: boolean;
  readonly remote: string;
}

function shownRequest({ body: _body, ...request }: PullRequest, urls: ReadonlyMap<string, string>): ShownRequest {
  const url = urls.get(request.stage);
  return url === undefined ? request : { ...request, url };
}

/** The folder of the bundle, which may be named by its plan.json. */
function bundleFolder(plan: string): string {
  return /(?:^|\/)plan\.json$/.test(plan) ? `${plan.slice(0, -'plan.json'.length)}.` : plan;
}

/** A folder in the repository, without slashes at its ends; empty for its root. */
function folderOf(path: string): string {
  const folder = path.replace(/^(?:\.\/)+|\/+$/g, '');
  const segments = folder === '' || folder === '.' ? [] : folder.split('/');
  const isOdd = (segment: string): boolean =>
    segment === '' || segment === '..' || segment === '.' || /^\.git$/i.test(segment);
  if (/^[A-Za-z0-9._/-]*$/.test(folder) && !segments.some(isOdd) && !folder.startsWith('-')) return segments.join('/');
  throw usageError(
    'bad-path',
    '--path is no folder below the root of the repository',
    'write it as rollout or clusters/prod/rollout, with letters, digits, dots, dashes and underscores',
  );
}

/** What git would take for an option. */
function refuseOption(flag: string, value: string): void {
  if (!value.startsWith('-')) return;
  throw usageError('bad-name', `${flag} ${value} begins with a dash`, 'give the name of a branch or a remote');
}
