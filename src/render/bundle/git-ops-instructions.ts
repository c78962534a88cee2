import { keyOf } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { compareText } from '../../lib/order.ts';
import { shellLine } from './commands.ts';
import { controllerName } from './controller-objects.ts';
import { homesOf, homesTouched, liveManifests, type BundleLayout } from './layout.ts';
import { code, codeBlock, markdown, type Markdown } from './markdown.ts';
import type { RenderContext } from './render-context.ts';

/** One thing to do, as instructions have it. */
export interface GitOpsInstruction {
  readonly text: string | Markdown;
  readonly block: Markdown;
}

/** Whether a controller takes the object away when its file goes. */
export function isPruned(plan: RolloutPlan, key: string): boolean {
  return homesOf(plan).has(key);
}

/** How the objects of a stage get into the cluster where Argo CD or Flux applies them; undefined where there are none. */
export function syncInstruction(plan: RolloutPlan, stage: Stage, layout: BundleLayout): GitOpsInstruction | undefined {
  const names = controllersOf(plan, stage);
  if (names.length === 0) return undefined;
  if (layout.layout === 'argocd') {
    const prune = stage.steps.some((step) => step.step === 'delete' && isPruned(plan, keyOf(step.target)));
    return {
      text: 'Merge the pull request. Nothing syncs by itself: look at the difference, then sync.',
      block: codeBlock(
        'sh',
        names.flatMap((name) => [
          shellLine(['argocd', 'app', 'diff', name]),
          shellLine(['argocd', 'app', 'sync', name, ...(prune ? ['--prune'] : [])]),
        ]),
      ),
    };
  }
  return {
    text: 'Merging the pull request applies it: Flux reconciles what is not suspended. To not wait for it:',
    block: codeBlock(
      'sh',
      names.map((name) => shellLine(['flux', 'reconcile', 'kustomization', name, '--with-source'])),
    ),
  };
}

function byHand(files: readonly string[]): readonly string[] {
  return files.filter((file) => /^(?:namespace|customresourcedefinition)-[^/]*\.yaml$/.test(file));
}

/** The files that no controller applies, because what it prunes would take others with it. */
export function handInstruction(stage: Stage, files: readonly string[]): GitOpsInstruction | undefined {
  const own = byHand(files);
  if (own.length === 0 || stage.steps.length === 0) return undefined;
  return {
    text: 'These are in no Application or Kustomization, because pruning them would delete what they hold. In this folder:',
    block: codeBlock(
      'sh',
      own.map((file) => shellLine(['kubectl', 'apply', '--server-side', '-f', file])),
    ),
  };
}

/** What shows that the objects of the stage are in the cluster. */
export function syncedText({ plan, layout }: RenderContext, stage: Stage, files: readonly string[]): Markdown {
  if (layout.layout === 'kustomize') return noDifference('kubectl diff --server-side -k .');
  if (liveManifests(stage.steps).length === 0) {
    // What is applied by hand lies in the folder beside no kustomization.
    const flags = byHand(files).flatMap((file) => ['-f', file]);
    return noDifference(shellLine(['kubectl', 'diff', '--server-side', ...flags]));
  }
  const names = controllersOf(plan, stage).map((name) => code(name).markdown);
  const says = layout.layout === 'argocd' ? 'is Synced at the merged commit' : 'is Ready at the merged commit';
  return markdown(`${names.join(', ')} ${says}.`);
}

function noDifference(command: string): Markdown {
  return markdown(`${code(command).markdown} shows no difference.`);
}

function controllersOf(plan: RolloutPlan, stage: Stage): readonly string[] {
  return homesTouched(plan, stage).map(controllerName).sort(compareText);
}
