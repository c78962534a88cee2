import type { Exception, Obstacle, RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import { formatWorkload } from '../../domain/world/workload.ts';
import { waiverText } from '../bundle/banners.ts';
import { shellLine } from '../bundle/commands.ts';
import { stageFolder, stageNumber } from '../bundle/names.ts';
import { appliedManifests } from '../bundle/manifest-files.ts';
import { nextStage } from '../bundle/next-stage.ts';
import { summaryLine } from '../bundle/plan-page.ts';

/** One line of the table of stages. */
export interface StageLine {
  readonly number: string;
  readonly id: string;
  readonly stage: Stage;
  readonly effect: string;
}

/** A stage that cannot be applied, with what is in its way. */
export interface BlockedStage {
  readonly id: string;
  readonly state: string;
  readonly obstacles: readonly Obstacle[];
  /** Its page, as `130-strict-shop/README.md` below the bundle's folder. */
  readonly page: string;
}

/** What a person sees of a plan at first, as raw text that the renderer escapes. */
export interface PlanSummary {
  readonly headline: string;
  readonly basis: string;
  readonly counts: string;
  readonly calls: string;
  /** Empty unless the plan rests on weaker evidence than what was observed. */
  readonly waiver: string;
  readonly warnings: readonly string[];
  readonly stages: readonly StageLine[];
  readonly blocked: readonly BlockedStage[];
  readonly exceptions: readonly string[];
  readonly next: { readonly text: string; readonly command?: string };
}

/** The plan in brief; `out` is the folder that the bundle was written to, if it was. */
export function planSummary(plan: RolloutPlan, out?: string): PlanSummary {
  return {
    headline: `Rollout of ${plan.target} to ${plan.goal}: ${plan.cluster}`,
    basis: `Made from ${plan.basis}, ${plan.taken ?? 'no time given'}; stale after ${plan.staleAfter}`,
    counts: summaryLine(plan),
    waiver: waiverText(plan),
    warnings: plan.warnings,
    calls: callsLine(plan),
    stages: plan.stages.map((stage, index) => ({
      number: stageNumber(plan, stage),
      id: stage.id,
      stage,
      effect: effectOf(stage, plan.stages[index - 1]),
    })),
    blocked: plan.stages
      .filter(({ state }) => state === 'blocked' || state === 'outline')
      .map((stage) => ({
        id: stage.id,
        state: stage.state,
        obstacles: stage.blockedBy,
        page: `${stageFolder(plan, stage)}/README.md`,
      })),
    exceptions: plan.exceptions.map(exceptionLine),
    next: nextStep(plan, out),
  };
}

/** The title, with the calls that break, and how many more than before cannot be judged any longer. */
function effectOf({ title, simulation, state }: Stage, before: Stage | undefined): string {
  if (state === 'outline' || state === 'done') return title;
  const { breaks, partial, unknown } = simulation;
  const more = before === undefined ? 0 : unknown - before.simulation.unknown;
  const counts = [
    ...(breaks > 0 ? [`${String(breaks)} break`] : []),
    ...(partial > 0 ? [`${String(partial)} partial`] : []),
    ...(more > 0 ? [`${String(more)} more unknown`] : []),
  ];
  return counts.length === 0 ? title : `${title} (calls: ${counts.join(', ')})`;
}

/** How the calls fare at the worst moment of any stage that has steps. */
function callsLine(plan: RolloutPlan): string {
  const simulated = plan.stages.filter(({ state }) => state !== 'outline' && state !== 'done');
  const worst = (verdict: 'breaks' | 'partial' | 'unknown'): string =>
    String(Math.max(0, ...simulated.map(({ simulation }) => simulation[verdict])));
  return `Calls at the worst moment of any stage: ${worst('breaks')} break, ${worst('partial')} partial, ${worst('unknown')} unknown`;
}

function exceptionLine({ workload, layer, ports, reason, owner, expires }: Exception): string {
  const where = ports.length === 0 ? '' : ` port ${ports.map(String).join(', ')}`;
  return `${formatWorkload(workload)}${where} (${layer}): ${reason}; owner ${owner}, expires ${expires}`;
}

/** The first stage that may be applied and has nothing undone before it. */
function nextStep(plan: RolloutPlan, out: string | undefined): PlanSummary['next'] {
  const stage = nextStage(plan);
  if (stage === undefined) return { text: 'No stage can be applied now: remove what blocks them, then plan again.' };
  if (out === undefined) return { text: `Write the bundle with --out DIR; it begins with ${stage.id}.` };
  const folder = `${out}/${stageFolder(plan, stage)}`;
  if (appliedManifests(stage.steps).length === 0) return { text: `Read ${folder}/README.md.` };
  return {
    text: `Read ${folder}/README.md, then see what it would change:`,
    command: shellLine(['kubectl', 'diff', '--server-side', '-k', folder]),
  };
}
