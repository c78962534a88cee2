import type { Stage } from '../../domain/rollout/plan.ts';
import { stageOf } from '../../domain/rollout/stage-places.ts';
import { abortSigns } from './abort-signs.ts';
import { stageBanner } from './banners.ts';
import { blastRadius } from './blast-radius.ts';
import { conditionList, ungatedAssumptions } from './conditions.ts';
import { FILES_SHOWN, capped, cut, withFewNames } from './cut.ts';
import { instructionsFor } from './instructions.ts';
import { syncedText } from './git-ops-instructions.ts';
import { appliedManifests } from './manifest-files.ts';
import { code, joined, markdown, page, type Markdown } from './markdown.ts';
import { stageNumber } from './names.ts';
import type { WrittenPatch } from './patch-files.ts';
import { exceptionRow } from './plan-tables.ts';
import type { RenderContext } from './render-context.ts';
import { changesOf, simulationPart, tooLargeText } from './stage-effect.ts';
import { undoPart } from './stage-undo.ts';
import { isDrawnUp, isWritten } from './stage-state.ts';
import { entryCheck, exitCheck } from './verify-commands.ts';
import { shellLine } from './commands.ts';
import { bandText } from './effort-words.ts';

export interface StagePageParts {
  readonly patches: readonly WrittenPatch[];
  /** The other files of the stage, as paths below its folder or below `draft/`. */
  readonly files: readonly string[];
}

const NOTES_SHOWN = 15;

const EXCEPTIONS_SHOWN = 30;

/** The page of a stage, which is the body of its pull request. It links to nothing, because a body has no folder. */
export function stagePage(context: RenderContext, stage: Stage, parts: StagePageParts): string {
  const model = {
    ...headPart(context, stage),
    ...changesPart(stage, parts),
    ...blastRadius(context.plan, stage),
    ...simulationPart(stage),
    ...gatePart(context, stage, parts),
    ...undoPart(context, stage),
  };
  return page(context.tools.renderTemplate('rollout/stage', model));
}

function headPart({ plan }: RenderContext, stage: Stage): object {
  const { effort } = stage;
  return {
    banner: stageBanner(plan, stage),
    number: stageNumber(plan, stage),
    title: stage.title,
    id: code(stage.id),
    state: stage.state,
    wave: stage.wave === undefined ? '' : String(stage.wave),
    after: afterText(plan, stage),
    risk: stage.risk,
    effort: stage.state === 'done' ? 'none left' : `${bandText(effort.hours, 'hour')}, ${bandText(effort.days, 'day')}`,
    effortAssumption: stage.state === 'done' ? '' : effort.assumption,
    madeFrom: `${plan.cluster} (${plan.basis}, ${plan.taken ?? 'no time given'})`,
    staleAfter: plan.staleAfter,
    why: stage.why,
    tooLarge: tooLargeText(stage),
    written: isWritten(stage),
    entryCheck: code(shellLine(entryCheck(stage, 'plan.json'))),
    personCheck: personCheck(stage),
  };
}

/** What no snapshot holds, and so no gate. */
function personCheck({ scope: { namespaces } }: Stage): Markdown {
  const who = namespaces.length === 0 ? 'the cluster' : cut(namespaces.map(code)).markdown;
  return markdown(
    `Somebody who answers for ${who} says that nothing speaks against it now that no cluster shows: a release, a migration, a freeze, a caller from outside that comes once a quarter.`,
  );
}

function afterText(plan: RenderContext['plan'], stage: Stage): Markdown {
  const names = stage.dependsOn.map((id) => {
    const other = stageOf(plan.stages, id);
    return code(other === undefined ? id : `${stageNumber(plan, other)} ${id}`);
  });
  return names.length === 0 ? markdown('nothing') : joined(names, ', ');
}

function changesPart(stage: Stage, { files }: StagePageParts): object {
  const exceptions = stage.exceptions.map(exceptionRow);
  const notes = capped(stage.notes.map(withFewNames), NOTES_SHOWN);
  return {
    doesNotChange: stage.doesNotChange,
    changes: stage.state === 'outline' || stage.state === 'done' ? [] : changesOf(stage.steps),
    files: cut(
      files.map((file) => code(stage.state === 'blocked' ? `draft/${file}` : file)),
      FILES_SHOWN,
    ),
    notes: [...notes.shown, ...(notes.more === '' ? [] : [notes.more])],
    exceptions: exceptions.slice(0, EXCEPTIONS_SHOWN),
    moreExceptions: capped(exceptions, EXCEPTIONS_SHOWN).more,
  };
}

function gatePart(context: RenderContext, stage: Stage, parts: StagePageParts): object {
  const written = isWritten(stage);
  const synced = written && appliedManifests(stage.steps).length > 0 ? syncedText(context, stage, parts.files) : '';
  const signs = abortSigns(context.plan, stage);
  const ungated = ungatedAssumptions(stage);
  const kustomize = context.layout.layout === 'kustomize';
  const file = isDrawnUp(stage) ? 'gate.yaml' : 'plan.json';
  return {
    gates: stage.state !== 'done',
    entry: conditionList(stage.entryGate, { file }),
    exit: conditionList(stage.exitGate, { told: stage.entryGate, file }),
    exitCheck: code(shellLine(exitCheck(stage, 'plan.json'))),
    assumptions: ungated,
    abort: conditionList(stage.abort, { bullet: '-', file }),
    ...signs,
    watched: stage.abort.length > 0 || signs.cuts,
    synced,
    verifiable: synced !== '' || stage.exitGate.length > 0 || ungated.length > 0,
    inFolder: kustomize || appliedManifests(stage.steps).length === 0,
    instructions: written ? instructionsFor(stage.steps, instructed(context, stage, parts)) : [],
  };
}

function instructed(
  { plan, layout }: RenderContext,
  stage: Stage,
  { patches, files }: StagePageParts,
): Parameters<typeof instructionsFor>[1] {
  return { plan, stage, layout, patches, files, applyFolder: '.', deletable: new Set() };
}
