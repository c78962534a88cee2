import { z } from 'zod';
import { warnings } from '../parts/head.ts';
import { apiVersion, commandLine } from '../parts/words.ts';

const pullRequest = z
  .object({
    stage: z.string().describe('id of the stage; layout for the empty folders of a GitOps layout'),
    state: z
      .enum(['created', 'updated', 'unchanged', 'merged'])
      .describe('of the branch, by this run; merged: the base has it already, and no branch is needed'),
    title: z.string(),
    branch: z.string(),
    base: z.string().describe('the branch to merge into'),
    waitsFor: z.array(z.string()).describe('branches that have to be merged before'),
    commit: z.exactOptional(z.string()),
    files: z.array(z.string()).describe('paths in the repository that it adds, edits or takes away'),
    bodyFile: z.string().describe('file of the bundle with the text'),
    url: z.exactOptional(z.string().describe('only with --create')),
  })
  .meta({ id: 'PullRequest' });

/** The result of `pr`. */
export const pullRequests = z.object({
  apiVersion,
  kind: z.literal('PullRequests'),
  repository: z.string(),
  base: z.string(),
  layout: z.enum(['kustomize', 'argocd', 'flux']),
  path: z.string().describe('folder of the bundle in the repository'),
  pullRequests: z.array(pullRequest),
  left: z
    .array(z.object({ stage: z.string(), state: z.string() }))
    .describe('stages that may not be applied, and so have no branch'),
  pushed: z.boolean(),
  commands: z.array(commandLine).describe('what pushes the branches and opens the pull requests'),
  warnings,
});
