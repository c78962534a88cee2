import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { BundleTools, Files } from './bundle-tools.ts';
import { ciFile } from './ci-file.ts';
import { KUSTOMIZE, type BundleLayout } from './layout.ts';
import { layoutFiles } from './layout-files.ts';
import { planJson, planJsonParts } from './plan-json.ts';
import { planPage } from './plan-page.ts';
import type { RenderContext } from './render-context.ts';
import { rollbackFiles } from './rollback-files.ts';
import { stageFiles } from './stage-files.ts';

/** A file of the bundle, by path: its content, or the pieces of a long one. */
export type BundleFile = readonly [path: string, content: string | Iterable<string>];

/**
 * Every file of the rollout bundle, relative path to content: the plan on a page and as JSON, a folder for each stage, a
 * folder for each rollback, the CI job that pull requests need, and what a GitOps layout adds. Equal plans give equal
 * bytes. They are made one after the other as they are asked for, because a large plan has a hundred thousand of them.
 */
export function* bundleFiles(
  plan: RolloutPlan,
  tools: BundleTools,
  layout: BundleLayout = KUSTOMIZE,
): Generator<BundleFile> {
  const context = { plan, tools, layout };
  const paths = new Set<string>();
  for (const file of filesOf(context)) {
    if (paths.has(file[0])) throw new Error(`the rollout bundle has two files at ${file[0]}`);
    paths.add(file[0]);
    yield file;
  }
}

function* filesOf(context: RenderContext): Generator<BundleFile> {
  const { plan } = context;
  yield* pages(context);
  yield ['plan.json', planJsonParts(plan)];
  for (const stage of plan.stages) yield* stageFiles(context, stage);
  for (const stage of plan.stages) yield* rollbackFiles(context, stage);
  yield* layoutFiles(context);
}

function pages(context: RenderContext): Files {
  return new Map([
    ['README.md', planPage(context)],
    ['ci/meshwise-entry.yaml', ciFile(context)],
  ]);
}

/** The files that belong to no stage. */
export function frameFiles(context: RenderContext): Files {
  return new Map([...pages(context), ['plan.json', planJson(context.plan)]]);
}
