import type { Stage } from '../../domain/rollout/plan.ts';
import { compareText } from '../../lib/order.ts';
import { inFolder, joinFiles, type BundleTools, type Files } from './bundle-tools.ts';
import { stageComment } from './comment.ts';
import { gateFile } from './gate-file.ts';
import { appliedManifests, kustomizedFiles, manifestFiles } from './manifest-files.ts';
import { createNameGiver, stageFolder } from './names.ts';
import { writtenPatches } from './patch-files.ts';
import type { RenderContext } from './render-context.ts';
import { stagePage } from './stage-page.ts';
import { isDrawnUp, isWritten } from './stage-state.ts';

/**
 * The folder of a stage, by path in the bundle. Only a stage that may be applied has a kustomization; a blocked one
 * keeps its objects in `draft/`; an outline and a stage that is done have their page alone.
 */
export function stageFiles(context: RenderContext, stage: Stage): Files {
  const { plan, tools } = context;
  const options = { tools, comment: stageComment(stage), nameOf: createNameGiver() };
  const drawnUp = isDrawnUp(stage);
  const steps = drawnUp ? stage.steps : [];
  const patches = writtenPatches(plan, steps, options);
  const values = drawnUp ? valuesFiles(stage, options) : new Map<string, string>();
  const manifests = appliedManifests(steps);
  const objects = isWritten(stage) ? kustomizedFiles(manifests, options) : manifestFiles(manifests, options);
  const patchFiles = patches.flatMap(({ file, content }): [string, string][] =>
    file === undefined || content === undefined ? [] : [[file, content]],
  );
  const content = joinFiles(values, objects, inFolder('patches', new Map(patchFiles)));
  const files = joinFiles(
    new Map([['README.md', stagePage(context, stage, { patches, files: [...content.keys()].sort(compareText) })]]),
    drawnUp ? new Map([['gate.yaml', gateFile(stage, tools)]]) : new Map(),
    isWritten(stage) ? content : inFolder('draft', content),
  );
  return inFolder(stageFolder(plan, stage), files);
}

interface ValuesOptions {
  readonly tools: BundleTools;
  readonly comment: string;
  readonly nameOf: (stem: string, extension: string) => string;
}

/** Values keep the names that the stage's commands and notes call them by. */
function valuesFiles(stage: Stage, { tools, comment, nameOf }: ValuesOptions): Files {
  return new Map(
    stage.helmValues.map(({ file, values }) => [
      nameOf(file, ''),
      file.endsWith('.json') ? `${JSON.stringify(values, undefined, 2)}\n` : tools.writeYamlValue(values, comment),
    ]),
  );
}
