import type { Hook } from '@oclif/core';

import { requestedOutput } from '../base-command.ts';
import { EXIT } from '../lib/errors.ts';
import { compareText } from '../lib/order.ts';
import { type Failure, failureDocument } from '../render/failure.ts';
import { renderFailure } from '../render/text/failure.ts';
import { editDistance } from '../lib/edit-distance.ts';

/** Ends with "the command is wrong" instead of oclif's 127, and names the nearest command. */
export const commandNotFound: Hook.CommandNotFound = function (options) {
  const words = options.id.split(':');
  const commands = options.config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const nearest = nearestCommand(words, commands);
  const failure: Failure = {
    status: EXIT.usage,
    code: 'unknown-command',
    message: `meshwise has no command "${words.join(' ')}"`,
    hints: [...(nearest === undefined ? [] : [`did you mean "meshwise ${nearest}"?`]), 'see meshwise --help'],
  };
  if (requestedOutput(options.argv ?? []) === 'json') process.stdout.write(failureDocument(failure));
  else process.stderr.write(renderFailure(failure));
  throw Object.assign(new Error(failure.message), { oclif: { exit: EXIT.usage }, skipOclifErrorHandling: true });
};

/** The command that differs from the beginning of the words by the fewest typed letters, or none when all differ by much. */
function nearestCommand(words: readonly string[], commands: readonly string[]): string | undefined {
  const candidates = commands.map((command) => {
    const typed = words.slice(0, command.split(' ').length).join(' ');
    return { command, distance: editDistance(typed, command) };
  });
  const near = candidates.filter(({ command, distance }) => distance <= Math.max(1, Math.floor(command.length / 3)));
  return near.sort((left, right) => left.distance - right.distance || compareText(left.command, right.command))[0]
    ?.command;
}
