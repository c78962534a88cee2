import type { Stage } from '../../domain/rollout/plan.ts';
import { compareText } from '../../lib/order.ts';
import { waiverBanner } from './banners.ts';
import { shellLine } from './commands.ts';
import { controllerName } from './controller-objects.ts';
import type { Instruction } from './instructions.ts';
import { homesTouched } from './layout.ts';
import { code, codeBlock, link, markdown, page, type Markdown } from './markdown.ts';
import { rollbackFolder, stageFolder } from './names.ts';
import type { RenderContext } from './render-context.ts';

/** The page that says how a stage is undone, in which order and how fast. */
export function rollbackPage(context: RenderContext, stage: Stage, instructions: readonly Instruction[]): string {
  const { plan, tools } = context;
  const folder = stageFolder(plan, stage);
  const { timeToEffect, validWhile, undoFirst, irreversible } = stage.rollback;
  const model = {
    banner: waiverBanner(plan),
    title: stage.title,
    id: code(stage.id),
    stagePage: link(folder, `../../${folder}/README.md`),
    timeToEffect,
    validWhile,
    undoFirst: undoFirst.map(code),
    irreversible,
    script: codeBlock('sh', [shellLine(['sh', `${rollbackFolder(stage)}/apply.sh`])]),
    gitOps: gitOpsPart(context, stage),
    instructions,
  };
  return page(tools.renderTemplate('rollout/rollback', model));
}

/** How the stage is undone where a controller applies it: by the commit, and with pruning. */
function gitOpsPart({ plan, layout }: RenderContext, stage: Stage): Markdown {
  if (layout.layout === 'kustomize') return markdown('');
  const names = homesTouched(plan, stage).map(controllerName).sort(compareText);
  if (names.length === 0) return markdown('');
  const id = /^[a-z0-9.-]+$/.test(stage.id) ? stage.id : 'STAGE';
  const find = `commit=$(git log -1 --format=%H --grep='^Meshwise-Stage: ${id.replaceAll('.', '\\.')}$')`;
  if (layout.layout === 'argocd') {
    const block = codeBlock('sh', [
      find,
      'git revert --no-edit "$commit"',
      '# push, then:',
      ...names.map((name) => shellLine(['argocd', 'app', 'sync', name, '--prune'])),
    ]);
    return markdown(
      `Revert the commit of the stage (its message ends with ${code(`Meshwise-Stage: ${id}`).markdown}; with a merge commit, revert that one with ${code('-m 1').markdown}), then sync with pruning: without it, what the stage created stays.\n\n${block.markdown}`,
    );
  }
  const flux = layout.repoPath === '' ? 'flux' : `${layout.repoPath}/flux`;
  const block = codeBlock('sh', [
    find,
    'git revert --no-commit "$commit"',
    `git restore --source=HEAD --staged --worktree -- ${shellLine([flux])}`,
    `git commit -m ${shellLine([`Undo ${id}`])}`,
    '# push, then:',
    ...names.map((name) => shellLine(['flux', 'reconcile', 'kustomization', name, '--with-source'])),
  ]);
  return markdown(
    `Revert the commit of the stage (its message ends with ${code(`Meshwise-Stage: ${id}`).markdown}), but keep the Kustomization awake: suspended, it would prune nothing.\n\n${block.markdown}`,
  );
}
