import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { waiverBanner } from './banners.ts';
import type { BundleTools } from './bundle-tools.ts';
import { code, page } from './markdown.ts';
import { coverageParts, exceptionRow, stageRow, waveRows } from './plan-tables.ts';
import { stageGraph } from './stage-graph.ts';

/** The plan on a page. */
export function planPage(plan: RolloutPlan, tools: BundleTools): string {
  const versions = Object.entries(plan.basedOn.versions).map(([name, version]) => `${name} ${version}`);
  const model = {
    banner: waiverBanner(plan),
    cluster: code(plan.cluster),
    target: plan.target,
    goal: plan.goal,
    basis: plan.basis,
    taken: plan.taken ?? 'no time given',
    ...coverageParts(plan),
    versions: versions.length === 0 ? 'none named' : versions.join(', '),
    fingerprint: code(plan.basedOn.fingerprint),
    staleAfter: plan.staleAfter,
    acceptEvidence: code(`--accept-evidence ${plan.acceptEvidence}`),
    warnings: plan.warnings,
    summary: summaryLine(plan),
    stages: plan.stages.map((stage) => stageRow(plan, stage)),
    graph: stageGraph(plan),
    waves: waveRows(plan),
    exceptions: plan.exceptions.map(exceptionRow),
    leftOut: plan.leftOut,
    sidecar: plan.target === 'istio-sidecar',
    ambient: plan.target === 'istio-ambient',
    linkerd: plan.target === 'linkerd',
    reachesDeny: plan.goal === 'deny-by-default',
  };
  return page(tools.renderTemplate('rollout/plan', model));
}

/** How many stages are in each state: `5 ready, 0 waived, 2 blocked, 1 outline, 3 done`. */
export function summaryLine({ summary }: RolloutPlan): string {
  const { ready, waived, blocked, outline, done } = summary;
  const counts = { ready, waived, blocked, outline, done };
  return Object.entries(counts)
    .map(([state, count]) => `${String(count)} ${state}`)
    .join(', ');
}
