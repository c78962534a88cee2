import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { escapeJson } from '../escape.ts';

/** The whole plan as data, in one text. */
export function planJson(plan: RolloutPlan): string {
  return [...planJsonParts(plan)].join('');
}

/** The same, stage by stage: one text of a large plan would be as large as all that it was made from. */
export function* planJsonParts(plan: RolloutPlan): Generator<string> {
  const document: Readonly<Record<string, unknown>> = {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'RolloutPlan',
    ...plan,
  };
  let before = '{';
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${before}\n  ${JSON.stringify(key)}: `;
    if (key === 'stages') yield* stagesParts(plan.stages);
    else yield indented(value, '  ');
    before = ',';
  }
  yield '\n}\n';
}

function* stagesParts(stages: readonly Stage[]): Generator<string> {
  if (stages.length === 0) {
    yield '[]';
    return;
  }
  let before = '[';
  for (const stage of stages) {
    yield `${before}\n    ${indented(stage, '    ')}`;
    before = ',';
  }
  yield '\n  ]';
}

/** A line break in a text of the value is written as `\n`, so that each one is the layout's own. */
function indented(value: unknown, indent: string): string {
  return escapeJson(JSON.stringify(value, null, 2)).replaceAll('\n', `\n${indent}`);
}
