/** Exit statuses of every command; the numbers are part of the contract with scripts and CI jobs. */
export const EXIT = {
  yes: 0,
  no: 1,
  usage: 2,
  unreachable: 3,
  notEnoughEvidence: 4,
  bug: 5,
  cancelled: 130,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

export interface AppErrorOptions {
  /** Stable kebab-case code that scripts may match on. */
  readonly code: string;
  readonly exitStatus: ExitStatus;
  /** What the user can do next, one sentence each. */
  readonly hints?: readonly string[];
  readonly cause?: unknown;
}

/** A failure the user can act on: what went wrong, where, and what to do. Anything else that is thrown is a bug. */
export class AppError extends Error {
  readonly code: string;
  readonly exitStatus: ExitStatus;
  readonly hints: readonly string[];

  constructor(message: string, options: AppErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = options.code;
    this.exitStatus = options.exitStatus;
    this.hints = options.hints ?? [];
  }
}

/** The command line or a file given to it is wrong (exit status 2). */
export function usageError(code: string, message: string, ...hints: string[]): AppError {
  return new AppError(message, { code, exitStatus: EXIT.usage, hints });
}

/** A cluster or metrics source could not be reached or read (exit status 3). */
export function unreachableError(code: string, message: string, hints: readonly string[]): AppError {
  return new AppError(message, { code, exitStatus: EXIT.unreachable, hints });
}
