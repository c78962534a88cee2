import type { Obstacle, RolloutPlan } from '../../domain/rollout/plan.ts';
import { groupBy } from '../../lib/order.ts';
import { capped, cut } from './cut.ts';
import { code, markdown, plain } from './markdown.ts';

const ROWS_SHOWN = 25;

/** What is in the way of how many stages, with what would remove it; what only waits for another stage is not told. */
export function blockedRows(plan: RolloutPlan): readonly object[] {
  const pairs = plan.stages.flatMap((stage) =>
    stage.blockedBy.filter(({ kind }) => kind !== 'stage').map((obstacle) => ({ stage, obstacle })),
  );
  const groups = [...groupBy(pairs, ({ obstacle }) => reasonOf(obstacle))];
  const { shown, more } = capped(groups, ROWS_SHOWN);
  const rows = shown.flatMap(([, members]) => {
    const [first] = members;
    if (first === undefined) return [];
    const stages = cut([...new Set(members.map(({ stage }) => stage.id))].map(code), 4);
    return [{ what: plain(reasonOf(first.obstacle)), remedy: plain(first.obstacle.remedy), stages }];
  });
  return more === '' ? rows : [...rows, { what: markdown(more), remedy: '', stages: '' }];
}

/** Without the pods that it was seen with, which differ from stage to stage. */
function reasonOf({ what }: Obstacle): string {
  return what.replace(/ \([^()]*\)$/, '');
}
