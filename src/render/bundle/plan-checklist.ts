import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { compareBy, groupBy } from '../../lib/order.ts';
import { capped } from './cut.ts';
import { code, link, markdown } from './markdown.ts';
import { stageFolder, stageNumber } from './names.ts';
import { stageRow } from './plan-tables.ts';

/** As many rows as a checklist may have before it is told by namespace. */
const ROWS_IN_FULL = 150;

const NAMESPACES_SHOWN = 100;

/** The ordered checklist; of a large plan the stages of no namespace, and a row for each namespace. */
export function checklistPart(plan: RolloutPlan): object {
  if (plan.stages.length <= ROWS_IN_FULL) {
    return { stages: plan.stages.map((stage) => stageRow(plan, stage)), byNamespace: [], moreNamespaces: '' };
  }
  const common = plan.stages.filter((stage) => stage.scope.namespaces.length !== 1);
  const owned = plan.stages.filter((stage) => stage.scope.namespaces.length === 1);
  const groups = [...groupBy(owned, ({ scope }) => scope.namespaces[0] ?? '')].sort(compareBy(([name]) => name));
  const { shown, more } = capped(groups, NAMESPACES_SHOWN);
  const rows = capped(common, ROWS_IN_FULL);
  return {
    stages: rows.shown.map((stage) => stageRow(plan, stage)),
    byNamespace: shown.map(([namespace, stages]) => namespaceRow(plan, namespace, stages)),
    moreNamespaces: more,
  };
}

function namespaceRow(plan: RolloutPlan, namespace: string, stages: readonly Stage[]): object {
  const count = (state: Stage['state']): string => String(stages.filter((stage) => stage.state === state).length);
  const first = stages.find(({ state }) => state !== 'done');
  return {
    namespace: code(namespace),
    ready: count('ready'),
    waived: count('waived'),
    blocked: count('blocked'),
    outline: count('outline'),
    done: count('done'),
    first:
      first === undefined
        ? markdown('')
        : link(`${stageNumber(plan, first)} ${first.id}`, `${stageFolder(plan, first)}/README.md`),
  };
}
