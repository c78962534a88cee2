import type { Condition, Stage } from '../../domain/rollout/plan.ts';
import type { BundleTools } from './bundle-tools.ts';
import { stageComment } from './comment.ts';
import { ungatedAssumptions } from './conditions.ts';

/** The stage's gate as data. It has no metadata and is no Kubernetes resource, so that kubectl refuses to apply it. */
export function gateFile(stage: Stage, tools: BundleTools): string {
  const gate = {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'Gate',
    stage: stage.id,
    state: stage.state,
    entry: stage.entryGate.map(conditionData),
    exit: stage.exitGate.map(conditionData),
    abort: stage.abort.map(conditionData),
    assumptions: ungatedAssumptions(stage),
  };
  return tools.writeYamlValue(
    gate,
    stageComment(stage, 'Not a Kubernetes object: what must hold before, after and during'),
  );
}

function conditionData({ id, text, state, command, promql, proof, positiveEvidence }: Condition): object {
  return {
    id,
    text,
    ...(state === undefined ? {} : { state }),
    ...(command === undefined ? {} : { command }),
    ...(promql === undefined ? {} : { promql }),
    ...(proof === undefined ? {} : { proof }),
    ...(positiveEvidence === undefined ? {} : { positiveEvidence }),
  };
}
