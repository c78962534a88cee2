import { formatRef, keyOf, type ObjectRef } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { DeleteStep, ExternalStep, RestartStep, Step } from '../../domain/world/step.ts';
import { at } from '../../lib/json.ts';
import { deleteCommand, holdsOthers, patchCommand, shellLine, shortKind } from './commands.ts';
import { handInstruction, isPruned, syncInstruction } from './git-ops-instructions.ts';
import { code, codeBlock, markdown, type Markdown } from './markdown.ts';
import type { BundleLayout } from './layout.ts';
import type { WrittenPatch } from './patch-files.ts';
import { restartInstruction } from './restart-instructions.ts';

/** One thing to do: a sentence and the commands for it, empty where there is none. */
export interface Instruction {
  readonly number: string;
  readonly text: string | Markdown;
  readonly block: Markdown;
}

/** What the instructions for a list of steps rest on. */
export interface InstructionContext {
  readonly plan: RolloutPlan;
  readonly stage: Stage;
  readonly layout: BundleLayout;
  readonly patches: readonly WrittenPatch[];
  /** The files beside the page. */
  readonly files?: readonly string[];
  /** Folder of the kustomization to apply, as seen from the page; and of the one to delete by, where there is one. */
  readonly applyFolder: string;
  readonly deleteFolder?: string;
  /** Objects that the delete folder names. */
  readonly deletable: ReadonlySet<string>;
}

type Unnumbered = Omit<Instruction, 'number'>;

/**
 * What to do for the steps, in their order. What one kustomization holds is done at once, at the place of its first
 * object; patches and restarts stay one by one, because a patch of a pod template already rolls the pods.
 */
export function instructionsFor(steps: readonly Step[], context: InstructionContext): readonly Instruction[] {
  return steps
    .flatMap((step) => instructionFor(step, steps, context))
    .map((instruction, index) => ({ number: String(index + 1), ...instruction }));
}

function instructionFor(step: Step, steps: readonly Step[], context: InstructionContext): readonly Unnumbered[] {
  const isFirst = steps.find((each) => each.step === step.step) === step;
  switch (step.step) {
    case 'apply':
      return isFirst ? applyInstructions(context) : [];
    case 'patch':
      return context.patches.filter((patch) => patch.step === step).map(patchInstruction);
    case 'delete':
      return isFirst ? [...syncOfDeletes(steps, context), ...deleteInstructions(steps, context)] : [];
    case 'restart':
      return [restartOf(step, steps, context.stage)];
    case 'external':
      return [externalInstruction(step)];
  }
}

/** Only a stage's own page is for a controller: what is undone by hand is undone with kubectl. */
function isForController({ layout, deleteFolder }: InstructionContext): boolean {
  return layout.layout !== 'kustomize' && deleteFolder === undefined;
}

function applyInstructions(context: InstructionContext): readonly Unnumbered[] {
  if (!isForController(context)) return [applyInstruction(context.applyFolder)];
  const { plan, stage, layout, files = [] } = context;
  return [handInstruction(stage, files), syncInstruction(plan, stage, layout)].filter((each) => each !== undefined);
}

/** Where nothing is applied, what a controller prunes still wants a sync. */
function syncOfDeletes(steps: readonly Step[], context: InstructionContext): readonly Unnumbered[] {
  return steps.some(({ step }) => step === 'apply') || !isForController(context) ? [] : applyInstructions(context);
}

function applyInstruction(folder: string): Unnumbered {
  return {
    text: 'Look at the difference, then apply. kubectl becomes a field manager of what the files set. If it reports a conflict, another manager (Git, Helm, an operator) owns the field: do not force it, change it there.',
    block: codeBlock('sh', [
      shellLine(['kubectl', 'diff', '--server-side', '-k', folder]),
      shellLine(['kubectl', 'apply', '--server-side', '-k', folder]),
    ]),
  };
}

function patchInstruction({ step, file }: WrittenPatch): Unnumbered {
  const object = code(formatRef(step.target)).markdown;
  const forGit =
    file === undefined
      ? `Change ${object} in its owner's repository`
      : `Bring ${code(`patches/${file}`).markdown} into the repository that holds ${object} (the file says how)`;
  return {
    text: markdown(`${forGit}. Only where no repository holds the object:`),
    block: codeBlock('sh', [patchCommand(step)]),
  };
}

function deleteInstructions(all: readonly Step[], context: InstructionContext): readonly Unnumbered[] {
  const deleted = all.filter((step) => step.step === 'delete');
  const steps = isForController(context)
    ? deleted.filter(({ target }) => !isPruned(context.plan, keyOf(target)))
    : deleted;
  const byName = steps.filter(
    ({ target }) => context.deleteFolder === undefined || !context.deletable.has(keyOf(target)),
  );
  const folder = context.deleteFolder;
  const together: readonly Unnumbered[] =
    folder === undefined || byName.length === steps.length
      ? []
      : [
          {
            text: markdown(`Delete what the stage created: ${names(steps, byName)}.`),
            block: codeBlock('sh', [shellLine(['kubectl', 'delete', '--ignore-not-found', '-k', folder])]),
          },
        ];
  return [...together, ...byName.map(({ target }) => singleDelete(target))];
}

function names(steps: readonly DeleteStep[], without: readonly DeleteStep[]): string {
  return steps
    .filter((step) => !without.includes(step))
    .map((step) => code(formatRef(step.target)).markdown)
    .join(', ');
}

function singleDelete(target: ObjectRef): Unnumbered {
  const warning = holdsOthers(target)
    ? ' **This deletes everything in it too.** Look first at what else it holds.'
    : '';
  return {
    text: markdown(`Delete ${code(formatRef(target)).markdown}.${warning}`),
    block: codeBlock('sh', [deleteCommand(target)]),
  };
}

function restartOf(step: RestartStep, steps: readonly Step[], stage: Stage): Unnumbered {
  const { kind, namespace, name } = step.workload;
  const rollsByPatch = steps.some(
    (other) =>
      other.step === 'patch' &&
      keyOf(other.target) === keyOf(step.workload) &&
      at(other.patch, 'spec', 'template') !== undefined,
  );
  const target = { kind: shortKind(kind), ...(namespace === undefined ? {} : { namespace }), name };
  const { text, commands } = restartInstruction({ ...target, method: step.method, rollsByPatch });
  const bound = stage.restarts.find(
    ({ workload }) => workload.name === name && workload.namespace === namespace && workload.kind === target.kind,
  );
  const away = bound === undefined ? '' : ` Away at once: ${code(bound.maxParallel).markdown}.`;
  return {
    text: markdown(`${code(formatRef(step.workload)).markdown}: ${text}${away}`),
    block: commands.length === 0 ? markdown('') : codeBlock('sh', commands),
  };
}

function externalInstruction(step: ExternalStep): Unnumbered {
  return { text: step.title, block: codeBlock('sh', step.commands.map(shellLine)) };
}
