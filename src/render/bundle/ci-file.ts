import { markdown } from './markdown.ts';
import type { RenderContext } from './render-context.ts';

/** A workflow that fails a stage's pull request unless its entry gate is green on the cluster of today. */
export function ciFile({ tools, layout: { repoPath } }: RenderContext): string {
  // The path is made of letters, digits, dots, dashes and slashes only, which no format gives a meaning to.
  const prefix = repoPath.replace(/[^A-Za-z0-9._/-]/g, '_');
  return tools.renderTemplate('rollout/entry-job', {
    paths: markdown(prefix === '' ? '**' : `${prefix}/**`),
    plan: markdown(prefix === '' ? 'plan.json' : `${prefix}/plan.json`),
  });
}
