import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { ObjectRef } from '../../domain/kubernetes/object.ts';
import { refOfManifest } from './manifest-files.ts';
import type { Step } from '../../domain/world/step.ts';
import type { BundleTools } from './bundle-tools.ts';
import { apiVersionOf, shortKind } from './commands.ts';
import { stageComment } from './comment.ts';

/** `rollback.yaml`: the rollback as typed steps in their order. It has no metadata, so that kubectl refuses to apply it. */
export function rollbackData(plan: RolloutPlan, stage: Stage, tools: BundleTools): string {
  const { timeToEffect, validWhile, undoFirst, irreversible, steps } = stage.rollback;
  const rollback = {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'Rollback',
    stage: stage.id,
    timeToEffect,
    validWhile,
    undoFirst,
    irreversible,
    steps: steps.map((step) => stepData(plan, step)),
  };
  return tools.writeYamlValue(
    rollback,
    stageComment(stage, 'Not a Kubernetes object: what undoes the stage, in order'),
  );
}

function stepData(plan: RolloutPlan, step: Step): object {
  switch (step.step) {
    case 'apply':
      return { step: 'restore', object: objectData(plan, refOfManifest(step.manifest)), to: step.manifest };
    case 'patch':
      return { step: 'restore', object: objectData(plan, step.target), fields: step.patch, why: step.why };
    case 'delete':
      return { step: 'delete', object: objectData(plan, step.target) };
    case 'restart':
      return { step: 'restart', object: objectData(plan, step.workload), method: step.method };
    case 'external':
      return { step: 'commands', title: step.title, commands: step.commands };
  }
}

function objectData(plan: RolloutPlan, ref: ObjectRef): object {
  const apiVersion = apiVersionOf(plan, ref.kind);
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    kind: shortKind(ref.kind),
    ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
    name: ref.name,
  };
}
