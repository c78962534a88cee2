import { formatRef } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { Step } from '../../domain/world/step.ts';
import { formatWorkload } from '../../domain/world/workload.ts';
import { abortSigns } from './abort-signs.ts';
import { stageBanner } from './banners.ts';
import type { BundleTools } from './bundle-tools.ts';
import { conditionList, ungatedAssumptions } from './conditions.ts';
import { instructionsFor } from './instructions.ts';
import { appliedManifests, refOfManifest } from './manifest-files.ts';
import { code, joined, link, markdown, page, plain, type Markdown } from './markdown.ts';
import { rollbackFolder, stageFolder, stageNumber } from './names.ts';
import type { WrittenPatch } from './patch-files.ts';
import { exceptionRow } from './plan-tables.ts';
import { hasRollback } from './rollback-files.ts';
import { isWritten } from './stage-state.ts';

export interface StagePageParts {
  readonly tools: BundleTools;
  readonly patches: readonly WrittenPatch[];
  /** The other files of the stage, as paths below its folder or below `draft/`. */
  readonly files: readonly string[];
}

const WORKLOADS_SHOWN = 50;

/** The page of a stage, which is the body of its pull request. */
export function stagePage(plan: RolloutPlan, stage: Stage, parts: StagePageParts): string {
  const written = isWritten(stage);
  const hasManifests = written && appliedManifests(stage.steps).length > 0;
  const signs = abortSigns(plan, stage);
  const ungated = ungatedAssumptions(stage);
  const model = {
    banner: stageBanner(plan, stage),
    number: stageNumber(plan, stage),
    title: stage.title,
    id: code(stage.id),
    state: stage.state,
    wave: stage.wave === undefined ? '' : String(stage.wave),
    after: afterLinks(plan, stage),
    madeFrom: madeFrom(plan),
    why: stage.why,
    doesNotChange: stage.doesNotChange,
    changes: stage.state === 'outline' || stage.state === 'done' ? [] : changesOf(stage.steps),
    ...blastRadius(stage),
    ...simulationPart(stage),
    gates: stage.state !== 'done',
    entry: conditionList(stage.entryGate),
    exit: conditionList(stage.exitGate),
    assumptions: ungated,
    abort: conditionList(stage.abort, '-'),
    ...signs,
    watched: stage.abort.length > 0 || signs.signatures.length > 0,
    written,
    hasManifests,
    verifiable: hasManifests || stage.exitGate.length > 0 || ungated.length > 0,
    instructions: written ? instructionsFor(stage.steps, contextOf(plan, stage, parts)) : [],
    files: parts.files.map((file) => code(stage.state === 'blocked' ? `draft/${file}` : file)),
    notes: stage.notes,
    exceptions: stage.exceptions.map(exceptionRow),
    ...undoPart(stage),
  };
  return page(parts.tools.renderTemplate('rollout/stage', model));
}

function contextOf(
  plan: RolloutPlan,
  stage: Stage,
  { patches }: StagePageParts,
): Parameters<typeof instructionsFor>[1] {
  return { plan, stage, patches, applyFolder: '.', deletable: new Set() };
}

function afterLinks(plan: RolloutPlan, stage: Stage): Markdown {
  const links = stage.dependsOn.map((id) => {
    const other = plan.stages.find((each) => each.id === id);
    return other === undefined
      ? code(id)
      : link(`${stageNumber(plan, other)} ${id}`, `../${stageFolder(plan, other)}/README.md`);
  });
  return links.length === 0 ? markdown('nothing') : joined(links, ', ');
}

function madeFrom(plan: RolloutPlan): string {
  const taken = plan.taken === undefined ? 'no time given' : plan.taken;
  return `${plan.cluster} (${plan.basis}, ${taken}); stale after ${plan.staleAfter}`;
}

/** What each step does, in words. */
function changesOf(steps: readonly Step[]): readonly Markdown[] {
  return steps.map((step) => {
    switch (step.step) {
      case 'apply':
        return markdown(`Applies ${code(formatRef(refOfManifest(step.manifest))).markdown}.`);
      case 'patch':
        return markdown(`Patches ${code(formatRef(step.target)).markdown}: ${plain(step.why).markdown}`);
      case 'delete':
        return markdown(`Deletes ${code(formatRef(step.target)).markdown}.`);
      case 'restart':
        return markdown(`Makes the pods of ${code(formatRef(step.workload)).markdown} new.`);
      case 'external':
        return markdown(`Runs commands: ${plain(step.title).markdown}`);
    }
  });
}

function blastRadius(stage: Stage): object {
  const { namespaces, workloads } = stage.scope;
  const more = workloads.length - WORKLOADS_SHOWN;
  return {
    namespaces: namespaces.map(code),
    workloadCount: String(workloads.length),
    workloads: [
      ...workloads.slice(0, WORKLOADS_SHOWN).map((workload) => code(formatWorkload(workload))),
      ...(more > 0 ? [markdown(`and ${String(more)} more, in plan.json`)] : []),
    ],
    restarts: stage.restarts.map(({ workload, method, maxParallel, after, why }) => ({
      workload: code(formatWorkload(workload)),
      method,
      maxParallel,
      after:
        after.length === 0
          ? ''
          : joined(
              after.map((each) => code(formatWorkload(each))),
              ', ',
            ),
      why,
    })),
  };
}

function simulationPart({ simulation, state }: Stage): object {
  const { ok, degraded, partial, unknown, breaks, opens, notOk } = simulation;
  return {
    simulated: state !== 'outline' && state !== 'done',
    counts: { ok, degraded, partial, unknown, breaks },
    total: ok + degraded + partial + unknown + breaks,
    opens,
    notOk: notOk.map(({ call, verdict, why }) => ({ call: code(call), verdict, why })),
  };
}

function undoPart(stage: Stage): object {
  return {
    rollbackPage: hasRollback(stage) ? link('rollback page', `../${rollbackFolder(stage)}/README.md`) : '',
    timeToEffect: stage.rollback.timeToEffect,
    validWhile: stage.rollback.validWhile,
    irreversible: stage.rollback.irreversible,
  };
}
