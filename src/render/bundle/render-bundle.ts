import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { compareText } from '../../lib/order.ts';
import { jsonText } from '../failure.ts';
import { joinFiles, type BundleTools, type Files } from './bundle-tools.ts';
import { planPage } from './plan-page.ts';
import { rollbackFiles } from './rollback-files.ts';
import { stageFiles } from './stage-files.ts';

/**
 * Every file of the rollout bundle, relative path to content, sorted by path: the plan on a page and as JSON, a folder
 * for each stage, a folder for each rollback. Equal plans give equal bytes.
 */
export function renderBundle(plan: RolloutPlan, tools: BundleTools): Files {
  const files = joinFiles(
    new Map([
      ['README.md', planPage(plan, tools)],
      ['plan.json', jsonText({ apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...plan })],
    ]),
    ...plan.stages.map((stage) => stageFiles(plan, stage, tools)),
    ...plan.stages.map((stage) => rollbackFiles(plan, stage, tools)),
  );
  return new Map([...files].sort(([left], [right]) => compareText(left, right)));
}
