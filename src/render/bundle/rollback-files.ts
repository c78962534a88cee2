import { keyOf, type ObjectRef } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { ApplyStep, Manifest, PatchStep, Step } from '../../domain/world/step.ts';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { inFolder, joinFiles, type Files } from './bundle-tools.ts';
import { apiVersionOf, holdsOthers, shortKind } from './commands.ts';
import { stageComment } from './comment.ts';
import { instructionsFor } from './instructions.ts';
import { appliedManifests, kustomizedFiles, refOfManifest } from './manifest-files.ts';
import { rollbackFolder } from './names.ts';
import { writtenPatches } from './patch-files.ts';
import type { RenderContext } from './render-context.ts';
import { rollbackData } from './rollback-data.ts';
import { rollbackPage } from './rollback-page.ts';
import { rollbackScript } from './rollback-script.ts';
import { isWritten } from './stage-state.ts';

/** Whether the stage has a folder that undoes it. */
export function hasRollback(stage: Stage): boolean {
  return isWritten(stage) && stage.rollback.steps.length > 0;
}

/** The folder that undoes a stage, by path in the bundle: the page, the typed steps, a script, and `apply/`, `delete/`, `patches/` where there is something for them. */
export function rollbackFiles(context: RenderContext, stage: Stage): Files {
  const { plan, tools } = context;
  if (!hasRollback(stage)) return new Map();
  const steps = stage.rollback.steps.map((step) => (step.step === 'patch' ? asOwnApply(stage, step) : step));
  const options = { tools, comment: stageComment(stage, 'Rollback') };
  const deleted = deletedManifests(plan, steps);
  const patches = writtenPatches(plan, steps, options);
  const instructed = {
    plan,
    stage,
    layout: context.layout,
    patches,
    applyFolder: 'apply',
    deleteFolder: 'delete',
    deletable: new Set(deleted.map((manifest) => keyOf(refOfManifest(manifest)))),
  };
  const written = patches.flatMap(({ file, content }): [string, string][] =>
    file === undefined || content === undefined ? [] : [[file, content]],
  );
  const files = joinFiles(
    new Map([
      ['README.md', rollbackPage(context, stage, instructionsFor(steps, instructed))],
      ['rollback.yaml', rollbackData(plan, stage, tools)],
      ['apply.sh', rollbackScript({ plan, stage, steps, deletable: instructed.deletable })],
    ]),
    inFolder('apply', kustomizedFiles(appliedManifests(steps), options)),
    inFolder('delete', kustomizedFiles(deleted, options)),
    inFolder('patches', new Map(written)),
  );
  return inFolder(rollbackFolder(stage), files);
}

/**
 * Fields of an object that the stage itself applied go back by the same server-side apply: `kubectl patch` would leave
 * a second manager on them, and applying the stage again would then be refused as a conflict. A null needs no place in
 * it: what an apply no longer names, its manager gives up.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 */
function asOwnApply(stage: Stage, step: PatchStep): ApplyStep | PatchStep {
  const own = appliedManifests(stage.steps).find((manifest) => keyOf(refOfManifest(manifest)) === keyOf(step.target));
  // A namespace has many managers, and what one gives up another may keep: only a null takes the label away for certain.
  if (own === undefined || step.target.kind === 'Namespace') return step;
  const { metadata, ...fields } = withoutNulls(step.patch);
  const { name, namespace } = own.metadata;
  const named = { name, ...(namespace === undefined ? {} : { namespace }) };
  return {
    step: 'apply',
    manifest: { ...fields, apiVersion: own.apiVersion, kind: own.kind, metadata: { ...asObject(metadata), ...named } },
  };
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => {
        const object = asObject(member);
        return [key, object === undefined ? member : withoutNulls(object)];
      }),
  );
}

/** The least that `kubectl delete -k` needs of each deleted object; without those that would take others with them. */
function deletedManifests(plan: RolloutPlan, steps: readonly Step[]): readonly Manifest[] {
  const targets = steps.flatMap((step) => (step.step === 'delete' && !holdsOthers(step.target) ? [step.target] : []));
  return appliedManifests(
    targets.flatMap((target): ApplyStep[] => {
      const manifest = leastManifest(plan, target);
      return manifest === undefined ? [] : [{ step: 'apply', manifest }];
    }),
  );
}

function leastManifest(plan: RolloutPlan, target: ObjectRef): Manifest | undefined {
  const apiVersion = apiVersionOf(plan, target.kind);
  if (apiVersion === undefined) return undefined;
  const { namespace, name } = target;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion, kind: shortKind(target.kind), metadata };
}
