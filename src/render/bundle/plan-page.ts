import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import { waiverBanner } from './banners.ts';
import { blockedRows } from './blocked-rows.ts';
import { capped } from './cut.ts';
import { entryCheck } from './verify-commands.ts';
import { code, codeBlock, link, markdown, page } from './markdown.ts';
import { stageFolder } from './names.ts';
import { nextStage } from './next-stage.ts';
import { calendarPart } from './plan-calendar.ts';
import { checklistPart } from './plan-checklist.ts';
import { coverageParts, exceptionRow, waveRows } from './plan-tables.ts';
import type { RenderContext } from './render-context.ts';
import { shellLine } from './commands.ts';
import { stageGraph } from './stage-graph.ts';

const LINES_SHOWN = 15;

const ROWS_SHOWN = 40;

/** The plan on a page, for who decides on it and for who carries it out. */
export function planPage({ plan, tools, layout }: RenderContext): string {
  const model = {
    banner: waiverBanner(plan),
    target: plan.target,
    goal: plan.goal,
    ...basisPart(plan),
    summary: summaryLine(plan),
    ...nextPart(plan),
    ...calendarPart(plan),
    ...checklistPart(plan),
    ...tablesPart(plan),
    blocked: blockedRows(plan),
    graph: stageGraph(plan),
    byHand: layout.layout === 'kustomize',
    controller: layout.layout === 'argocd' ? 'Argo CD' : 'Flux',
    sidecar: plan.target === 'istio-sidecar',
    ambient: plan.target === 'istio-ambient',
    linkerd: plan.target === 'linkerd',
    reachesDeny: plan.goal === 'deny-by-default',
  };
  return page(tools.renderTemplate('rollout/plan', model));
}

function basisPart(plan: RolloutPlan): object {
  const versions = Object.entries(plan.basedOn.versions).map(([name, version]) => `${name} ${version}`);
  const { coverage, gaps } = coverageParts(plan);
  const shownGaps = capped(gaps, LINES_SHOWN);
  const warnings = capped(plan.warnings, LINES_SHOWN);
  return {
    cluster: code(plan.cluster),
    basis: plan.basis,
    taken: plan.taken ?? 'no time given',
    coverage,
    gaps: [...shownGaps.shown, ...(shownGaps.more === '' ? [] : [markdown(shownGaps.more)])],
    versions: versions.length === 0 ? 'none named' : versions.join(', '),
    fingerprint: code(plan.basedOn.fingerprint),
    staleAfter: plan.staleAfter,
    acceptEvidence: code(`--accept-evidence ${plan.acceptEvidence}`),
    warnings: [...warnings.shown, ...(warnings.more === '' ? [] : [warnings.more])],
  };
}

function nextPart(plan: RolloutPlan): object {
  const stage = nextStage(plan);
  return {
    next: stage === undefined ? '' : link(stage.title, `${stageFolder(plan, stage)}/README.md`),
    nextCommand: stage === undefined ? '' : codeBlock('sh', [shellLine(entryCheck(stage, 'plan.json'))]),
  };
}

function tablesPart(plan: RolloutPlan): object {
  const waves = capped(waveRows(plan), ROWS_SHOWN);
  const exceptions = capped(plan.exceptions.map(exceptionRow), ROWS_SHOWN);
  const leftOut = capped(plan.leftOut, ROWS_SHOWN);
  return {
    waves: waves.shown,
    moreWaves: waves.more,
    exceptions: exceptions.shown,
    moreExceptions: exceptions.more,
    leftOut: leftOut.shown,
    moreLeftOut: leftOut.more,
  };
}

/** How many stages are in each state: `5 ready, 0 waived, 2 blocked, 1 outline, 3 done`. */
export function summaryLine({ summary }: RolloutPlan): string {
  const { ready, waived, blocked, outline, done } = summary;
  const counts = { ready, waived, blocked, outline, done };
  return Object.entries(counts)
    .map(([state, count]) => `${String(count)} ${state}`)
    .join(', ');
}
