import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { formatWorkload } from '../../domain/world/workload.ts';
import { groupBy } from '../../lib/order.ts';
import { capped, cut } from './cut.ts';
import { code, joined, markdown, plain, type Markdown } from './markdown.ts';

const RESTARTS_SHOWN = 25;

/** Whom and what a stage touches: namespaces, workloads, owners and restarts. */
export function blastRadius(plan: RolloutPlan, stage: Stage): object {
  const { namespaces, workloads } = stage.scope;
  const restarts = capped(stage.restarts, RESTARTS_SHOWN);
  return {
    namespaces: namespaces.length === 0 ? 'none' : cut(namespaces.map(code)),
    workloadCount: String(workloads.length),
    workloads: workloads.length === 0 ? '' : cut(workloads.map((workload) => code(formatWorkload(workload)))),
    owners: ownersText(plan, namespaces),
    restarts: restarts.shown.map(restartRow),
    moreRestarts: restarts.more,
  };
}

function restartRow({ workload, method, maxParallel, after, why }: Stage['restarts'][number]): object {
  return {
    workload: code(formatWorkload(workload)),
    method,
    maxParallel,
    after: after.length === 0 ? '' : cut(after.map((each) => code(formatWorkload(each)))),
    why,
  };
}

/** Who answers for the namespaces, as meshwise.yaml names them. */
function ownersText(plan: RolloutPlan, namespaces: readonly string[]): Markdown {
  if (namespaces.length === 0) return markdown('nobody in particular');
  const byOwner = groupBy(namespaces, (namespace) =>
    Object.hasOwn(plan.choices.owners, namespace) ? (plan.choices.owners[namespace] ?? '') : '',
  );
  const parts = [...byOwner].map(([owner, owned]) => {
    const whose = byOwner.size === 1 ? '' : ` (${cut(owned.map(code)).markdown})`;
    const who = owner === '' ? `nobody named: ${code('plan.owners').markdown} in meshwise.yaml` : plain(owner).markdown;
    return markdown(`${who}${whose}`);
  });
  return joined(parts, '; ');
}
