import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { compareText } from '../../lib/order.ts';
import { jsonText } from '../failure.ts';
import { joinFiles, type BundleTools, type Files } from './bundle-tools.ts';
import { ciFile } from './ci-file.ts';
import { KUSTOMIZE, type BundleLayout } from './layout.ts';
import { layoutFiles } from './layout-files.ts';
import { planPage } from './plan-page.ts';
import type { RenderContext } from './render-context.ts';
import { rollbackFiles } from './rollback-files.ts';
import { stageFiles } from './stage-files.ts';

/**
 * Every file of the rollout bundle, relative path to content, sorted by path: the plan on a page and as JSON, a folder
 * for each stage, a folder for each rollback, the CI job that pull requests need, and what a GitOps layout adds. Equal
 * plans give equal bytes.
 */
export function renderBundle(plan: RolloutPlan, tools: BundleTools, layout: BundleLayout = KUSTOMIZE): Files {
  const context = { plan, tools, layout };
  const files = joinFiles(
    frameFiles(context),
    ...plan.stages.map((stage) => stageFiles(context, stage)),
    ...plan.stages.map((stage) => rollbackFiles(context, stage)),
    layoutFiles(context),
  );
  return new Map([...files].sort(([left], [right]) => compareText(left, right)));
}

/** The files that belong to no stage. */
export function frameFiles(context: RenderContext): Files {
  const { plan } = context;
  return new Map([
    ['README.md', planPage(context)],
    ['ci/meshwise-entry.yaml', ciFile(context)],
    ['plan.json', planJson(plan)],
  ]);
}

/** The whole plan as data. */
export function planJson(plan: RolloutPlan): string {
  return jsonText({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...plan });
}
