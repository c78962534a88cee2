import { keyOf } from '../../domain/kubernetes/object.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { RestartStep, Step } from '../../domain/world/step.ts';
import { at } from '../../lib/json.ts';
import { escapeTerminal, shellQuote } from '../escape.ts';
import { deleteCommand, holdsOthers, patchCommand, shellLine, shortKind } from './commands.ts';
import { rollbackCheck } from './verify-commands.ts';
import { restartInstruction } from './restart-instructions.ts';

export interface RollbackScript {
  readonly plan: RolloutPlan;
  readonly stage: Stage;
  /** The steps as they are written out: what the stage itself applied is applied again with its earlier fields. */
  readonly steps: readonly Step[];
  /** Keys of the objects that the folder `delete` names. */
  readonly deletable: ReadonlySet<string>;
}

/**
 * The rollback as a POSIX shell script. It asks `verify` whether the stage may be undone now; where meshwise is missing
 * and later stages rest on this one, it wants somebody's word that they are undone.
 */
export function rollbackScript(script: RollbackScript): string {
  const { stage } = script;
  return [
    '#!/bin/sh',
    ...comment([
      `Undoes the stage ${stage.id}: ${stage.title}`,
      `Takes effect in: ${stage.rollback.timeToEffect}`,
      `Valid while: ${stage.rollback.validWhile}`,
    ]),
    'set -eu',
    'cd "$(dirname "$0")"',
    '',
    ...guard(stage),
    '',
    // No name of Kubernetes holds what is spelled out here: such a line is for reading, and fails.
    ...script.steps.flatMap((step) => stepLines(step, script)).map(escapeTerminal),
    '',
  ].join('\n');
}

function comment(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `# ${escapeTerminal(line)}`);
}

function guard(stage: Stage): readonly string[] {
  const check = escapeTerminal(shellLine(rollbackCheck(stage, '../../plan.json')));
  const first = stage.rollback.undoFirst;
  const word =
    first.length === 0
      ? []
      : [
          'elif [ "$undone" != yes ]; then',
          `  ${say(`Undo these stages first, in this order: ${first.join(', ')}. Then run this again with UNDONE_FIRST=yes.`)}`,
          '  exit 1',
        ];
  return [
    '# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.',
    `skip=${orEmpty('SKIP_VERIFY')} undone=${orEmpty('UNDONE_FIRST')}`,
    'if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then',
    `  ${check}`,
    ...word,
    'fi',
  ];
}

/** The variable of the environment, empty where it is not set. */
function orEmpty(name: string): string {
  return `"\${${name}:-}"`;
}

function say(text: string): string {
  return `printf '%s\\n' ${shellQuote(escapeTerminal(text))} >&2`;
}

function stepLines(step: Step, script: RollbackScript): readonly string[] {
  const { steps } = script;
  const isFirst = steps.find((each) => each.step === step.step) === step;
  switch (step.step) {
    case 'apply':
      return isFirst ? [shellLine(['kubectl', 'apply', '--server-side', '-k', 'apply'])] : [];
    case 'patch':
      return [patchCommand(step)];
    case 'delete':
      return isFirst ? deleteLines(script) : [];
    case 'restart':
      return restartLines(step, steps);
    case 'external':
      return step.commands.map(shellLine);
  }
}

function deleteLines({ steps, deletable }: RollbackScript): readonly string[] {
  const targets = steps.flatMap((step) => (step.step === 'delete' ? [step.target] : []));
  const together = targets.some((target) => deletable.has(keyOf(target)));
  const others = targets.filter((target) => !deletable.has(keyOf(target)));
  return [
    ...(together ? [shellLine(['kubectl', 'delete', '--ignore-not-found', '-k', 'delete'])] : []),
    ...others.map((target) =>
      holdsOthers(target)
        ? say(`Not deleted here, because it takes what it holds with it: ${deleteCommand(target)}`)
        : deleteCommand(target),
    ),
  ];
}

function restartLines({ workload, method }: RestartStep, steps: readonly Step[]): readonly string[] {
  const { namespace, name } = workload;
  const rollsByPatch = steps.some(
    (step) =>
      step.step === 'patch' &&
      keyOf(step.target) === keyOf(workload) &&
      at(step.patch, 'spec', 'template') !== undefined,
  );
  const target = { kind: shortKind(workload.kind), ...(namespace === undefined ? {} : { namespace }), name };
  const { text, commands } = restartInstruction({ ...target, method, rollsByPatch });
  const where = `${target.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return commands.length === 0 ? [say(`${where}: ${text}`)] : commands;
}
