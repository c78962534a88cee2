import { EXIT, AppError, usageError } from '../lib/errors.ts';

/** A question whose answer a flag may have given already. */
export interface Question {
  /** The flag that answers it, with its dashes. */
  readonly flag: string;
  readonly message: string;
  readonly choices: readonly { readonly value: string; readonly name: string }[];
}

/** Whether somebody is there to be asked. */
export interface Asking {
  /** False for --no-input. */
  readonly wanted: boolean;
  readonly signal: AbortSignal;
}

/**
 * Asks the question on standard error and gives the chosen value. Where nobody can be asked the missing answer is a
 * usage error that names the flag; Ctrl-C is a cancellation.
 */
export async function ask(question: Question, asking: Asking): Promise<string> {
  if (!asking.wanted || !process.stdin.isTTY || !process.stderr.isTTY) {
    const values = question.choices.map(({ value }) => value).join(', ');
    throw usageError('missing-answer', `${question.flag} is missing`, `give ${question.flag} with one of ${values}`);
  }
  const { createPromptModule } = await import('inquirer');
  const prompt = createPromptModule({ output: process.stderr, signal: asking.signal });
  try {
    const { answer } = await prompt<{ answer: string }>([
      { type: 'select', name: 'answer', message: question.message, choices: question.choices },
    ]);
    return answer;
  } catch (error) {
    throw new AppError('cancelled', { code: 'cancelled', exitStatus: EXIT.cancelled, cause: error });
  }
}
