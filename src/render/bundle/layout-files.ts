import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { safePathSegment } from '../escape.ts';
import type { BundleTools, Files } from './bundle-tools.ts';
import { stageComment } from './comment.ts';
import { argoApplication, fluxKustomization } from './controller-objects.ts';
import { bornIn, homeFolder, homeKustomization, type BundleLayout } from './layout.ts';
import type { RenderContext } from './render-context.ts';
import { isWritten } from './stage-state.ts';

/** Whether a stage has a home of its own, and so an Application or a Kustomization. */
export function hasHome(plan: RolloutPlan, stage: Stage): boolean {
  return isWritten(stage) && bornIn(plan, stage).length > 0;
}

/**
 * What a GitOps layout adds to the bundle: one controller object for each stage that creates something, and its home in
 * `live/`, empty until the stage's pull request fills it. Applied whole and at once, none of it creates anything.
 */
export function layoutFiles(context: RenderContext): Files {
  const { plan, tools, layout } = context;
  if (layout.layout === 'kustomize') return new Map();
  return new Map(
    plan.stages
      .filter((stage) => hasHome(plan, stage))
      .flatMap((stage): readonly (readonly [string, string])[] => [
        [controllerPath(stage, layout), controllerFile(context, stage, true)],
        [`${homeFolder(stage.id)}/kustomization.yaml`, homeIndex(tools, stage, [])],
      ]),
  );
}

/** The path of the Application or Kustomization of a stage in the bundle; numbers may move, so it has none. */
export function controllerPath(stage: Stage, { layout }: BundleLayout): string {
  return `${layout}/${safePathSegment(stage.id)}.yaml`;
}

/** The Application, or the Kustomization, suspended or not. */
export function controllerFile(context: RenderContext, stage: Stage, suspend: boolean): string {
  const { plan, tools, layout } = context;
  if (layout.layout === 'flux') {
    const comment = suspend
      ? stageComment(stage, 'Suspended: the pull request of the stage sets suspend to false')
      : stageComment(stage);
    return tools.writeYaml(fluxKustomization(stage, layout, suspend), comment);
  }
  const purpose = 'Never syncs by itself: sync it by hand once the entry gate of the stage is green';
  return tools.writeYaml(argoApplication(plan, stage, layout), stageComment(stage, purpose));
}

/** The kustomization of a home that holds these files. */
export function homeIndex(tools: BundleTools, { id }: Pick<Stage, 'id'>, files: readonly string[]): string {
  const purpose = files.length === 0 ? 'Empty until the pull request of the stage fills it' : 'What is live';
  return tools.writeYamlValue(homeKustomization(files), `${purpose}: objects born in stage ${id}`);
}
