import { AppError, EXIT } from '../lib/errors.ts';
import { escapeJson, escapeTerminal } from './escape.ts';

/** A failure ready to be shown: exit status, stable code, what went wrong and what to do next. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hints: readonly string[];
}

/** An error with what oclif may have put on it; nothing of it is certain. */
export type OclifShaped = Error & { readonly code?: unknown; readonly oclif?: { readonly exit?: unknown } };

export interface FailureContext {
  /** The format asked for, as typed. */
  readonly output: string | undefined;
  /** The user has pressed Ctrl-C: whatever was thrown since follows from that. */
  readonly cancelled: boolean;
}

/** What a thrown error means to the user: cancelled, something to act on, a wrong command line, or else a bug of ours. */
export function describeFailure(error: OclifShaped, context: FailureContext): Failure {
  if (context.cancelled || isCancellation(error)) {
    return { status: EXIT.cancelled, code: 'cancelled', message: 'cancelled, nothing was finished', hints: [] };
  }
  if (error instanceof AppError) {
    return { status: error.exitStatus, code: error.code, message: ownMessage(error), hints: error.hints };
  }
  const status = error.oclif?.exit;
  if ('parse' in error || typeof status === 'number') {
    const hints = [...outputHints(error, context), 'add --help to see the arguments and flags of this command'];
    const code = USAGE_CODES[error.constructor.name] ?? 'usage';
    return { status: typeof status === 'number' ? status : EXIT.usage, code, message: ownMessage(error), hints };
  }
  const hints = ['please report it, with the output of the same command with --debug added'];
  return {
    status: EXIT.bug,
    code: 'bug',
    message: `this is a bug in meshwise: ${error.name}: ${error.message}`,
    hints,
  };
}

/** The failure as the document that `-o json` puts on standard output, with a final newline. */
export function failureDocument({ code, message, hints }: Failure): string {
  return jsonText({
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'Error',
    code,
    message: escapeTerminal(message),
    hints: hints.map(escapeTerminal),
  });
}

/** The value as indented JSON that is safe to show on a terminal, with a final newline. */
export function jsonText(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, null, 2))}\n`;
}

const USAGE_CODES: Readonly<Record<string, string>> = {
  NonExistentFlagsError: 'unknown-flag',
  UnexpectedArgsError: 'unexpected-argument',
  RequiredArgsError: 'missing-argument',
  FlagInvalidOptionError: 'invalid-flag-value',
  ArgInvalidOptionError: 'invalid-argument',
  FailedFlagValidationError: 'invalid-flags',
};

function isCancellation(error: Error): boolean {
  return ['ExitPromptError', 'AbortPromptError'].includes(error.name) || error.message === 'SIGINT';
}

/** The message without what oclif's parser puts around it: colours, line breaks and a pointer to the help. */
function ownMessage(error: Error): string {
  const pointer = /\nSee more help with --help$/;
  if (!pointer.test(error.message)) return error.message;
  return error.message
    .replace(pointer, '')
    .replace(/\u001b\[[\d;]*m/g, '')
    .replace(/\s*\n\s*/g, ' ');
}

function outputHints(error: Error, { output = '' }: FailureContext): readonly string[] {
  if (!/[\\/.]/.test(output) || !error.message.startsWith('Expected --output=')) return [];
  return ['-o chooses the format; --out PATH is where files are written'];
}
