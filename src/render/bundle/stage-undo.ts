import type { Stage } from '../../domain/rollout/plan.ts';
import { cut } from './cut.ts';
import { code, codeBlock, markdown, type Markdown } from './markdown.ts';
import { rollbackFolder } from './names.ts';
import type { RenderContext } from './render-context.ts';
import { hasRollback } from './rollback-files.ts';
import { shellLine } from './commands.ts';

/** How a stage is undone, how fast, and what has to go before it. */
export function undoPart({ layout }: RenderContext, stage: Stage): object {
  const { timeToEffect, validWhile, undoFirst, irreversible } = stage.rollback;
  return {
    undo: hasRollback(stage) ? undoText(stage, layout.layout === 'kustomize') : '',
    timeToEffect,
    validWhile: undoFirst.length === 0 ? validWhile : 'no later stage that rests on this one is applied',
    undoFirst: undoFirst.length === 0 ? '' : cut(undoFirst.map(code)),
    irreversible,
  };
}

function undoText(stage: Stage, byHand: boolean): Markdown {
  const folder = rollbackFolder(stage);
  const block = codeBlock('sh', [shellLine(['sh', `${folder}/apply.sh`])]).markdown;
  const page = code(`${folder}/README.md`).markdown;
  if (byHand) {
    return markdown(`In the folder of ${code('plan.json').markdown}; ${page} has the steps one by one.\n\n${block}`);
  }
  return markdown(
    `Revert the commit of this stage and sync with pruning, as ${page} says. At once, and until the next sync:\n\n${block}`,
  );
}
