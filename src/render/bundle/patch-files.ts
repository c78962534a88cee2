import { asObject } from '../../lib/json.ts';
import { compareBy } from '../../lib/order.ts';
import { formatRef, keyOf } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { PatchStep, Step } from '../../domain/world/step.ts';
import { escapeTerminal } from '../escape.ts';
import { apiVersionOf, shortKind } from './commands.ts';
import type { FolderOptions } from './manifest-files.ts';
import { createNameGiver } from './names.ts';

/** A patch with the file that was written for it; none where the version of its kind is not known. */
export interface WrittenPatch {
  readonly step: PatchStep;
  readonly file?: string;
  readonly content?: string;
}

/** A strategic merge patch file for each patch step, for the repository of the object's owner; sorted by target. */
export function writtenPatches(
  plan: RolloutPlan,
  steps: readonly Step[],
  options: FolderOptions,
): readonly WrittenPatch[] {
  const nameOf = createNameGiver();
  return steps
    .flatMap((step) => (step.step === 'patch' ? [step] : []))
    .sort(compareBy((step) => keyOf(step.target)))
    .map((step) => {
      const body = patchBody(plan, step);
      if (body === undefined) return { step };
      const { kind, namespace, name } = step.target;
      const parts = [shortKind(kind).toLowerCase(), ...(namespace === undefined ? [] : [namespace]), name];
      const file = nameOf(parts.join('-'), '.yaml');
      return { step, file, content: options.tools.writeYamlValue(body, patchComment(step, file, options.comment)) };
    });
}

/** The changed fields with what names the object, as kustomize and `kubectl patch --patch-file` take them. */
function patchBody(plan: RolloutPlan, { target, patch }: PatchStep): object | undefined {
  const apiVersion = apiVersionOf(plan, target.kind);
  if (apiVersion === undefined) return undefined;
  const { metadata, apiVersion: _apiVersion, kind: _kind, ...fields } = patch;
  const named = { name: target.name, ...(target.namespace === undefined ? {} : { namespace: target.namespace }) };
  return {
    apiVersion,
    kind: shortKind(target.kind),
    metadata: { ...named, ...asObject(metadata), ...named },
    ...fields,
  };
}

function patchComment(step: PatchStep, file: string, comment: string): string {
  const object = escapeTerminal(formatRef(step.target));
  return [
    `Patch for ${object}: ${escapeTerminal(step.why)}`,
    "The object is held by its owner's repository: put this file beside its kustomization.yaml and add there",
    '  patches:',
    `    - path: ${file}`,
    comment,
  ].join('\n');
}
