import { Command, Flags, type Interfaces } from '@oclif/core';

import { EXIT } from './lib/errors.ts';
import { escapeTerminal } from './render/escape.ts';
import { describeFailure, failureDocument, jsonText, type OclifShaped } from './render/failure.ts';
import { renderFailure } from './render/text/failure.ts';

/** The formats that every command has; a command may add its own with `outputFlag`. */
const OUTPUT_FORMATS = ['text', 'markdown', 'json'] as const;

/** From the mildest exit status to the gravest: of several at once the gravest is the one that counts. */
const BY_GRAVITY: readonly number[] = [
  EXIT.yes,
  EXIT.notEnoughEvidence,
  EXIT.no,
  EXIT.unreachable,
  EXIT.usage,
  EXIT.bug,
  EXIT.cancelled,
];

/** The graver of two exit statuses; one that is not in the table counts as a bug. */
export function graverStatus(left: number, right: number): number {
  const gravity = (status: number): number => {
    const index = BY_GRAVITY.indexOf(status);
    return index < 0 ? BY_GRAVITY.indexOf(EXIT.bug) : index;
  };
  return gravity(right) > gravity(left) ? right : left;
}

/** What the last `-o` or `--output` before a `--` asks for, read without a parser, because parsing may be what failed. */
export function requestedOutput(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.reduce<string | undefined>((found, word, index) => {
    if (word === '-o' || word === '--output') return words[index + 1] ?? found;
    const attached = /^(?:--output=|-o=?)(.+)$/s.exec(word);
    return attached?.[1] ?? found;
  }, undefined);
}

/** The `-o` flag of a command that has formats of its own beside text, markdown and json. */
export function outputFlag<const Extra extends string = never>(
  ...extra: readonly Extra[]
): Interfaces.OptionFlag<Extra | (typeof OUTPUT_FORMATS)[number]> {
  return Flags.option({
    char: 'o',
    summary: 'format of the result on standard output',
    options: [...OUTPUT_FORMATS, ...extra],
    default: 'text',
    helpGroup: 'GLOBAL',
  })();
}

/** One function a format; json needs none, because the result itself is printed. */
export interface Renderers {
  readonly text: () => string | Promise<string>;
  readonly markdown: () => string | Promise<string>;
  readonly [format: string]: () => string | Promise<string>;
}

/**
 * What every command shares: `-o`, results on standard output and all else on standard error, and one exit status for
 * each kind of ending, whatever the format.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags: Interfaces.FlagInput = {
    output: outputFlag(),
    debug: Flags.boolean({ summary: 'say on standard error where an error arose', helpGroup: 'GLOBAL' }),
  };

  private readonly warnings: string[] = [];
  private readonly cancellation = new AbortController();
  private interruptible = false;
  private status: number = EXIT.yes;
  private format: string | undefined;

  /**
   * Aborted by Ctrl-C. Only a command that reads it takes Ctrl-C over from Node.js, and it must then end soon; a second
   * Ctrl-C ends the process at once.
   */
  protected get signal(): AbortSignal {
    if (!this.interruptible) {
      this.interruptible = true;
      process.on('SIGINT', this.interrupt);
    }
    return this.cancellation.signal;
  }

  /** Gives Ctrl-C back to Node.js, which then ends the process at once, whatever it computes. */
  protected releaseSignal(): void {
    process.off('SIGINT', this.interrupt);
    this.interruptible = false;
  }

  /** What may be drawn on standard output: colour only on a terminal that wants it, and so many columns. */
  protected get terminal(): { readonly colour: boolean; readonly width: number } {
    const { FORCE_COLOR: force = '', NO_COLOR: none = '', TERM: kind = '' } = process.env;
    const wanted = force === '' ? process.stdout.isTTY && kind !== 'dumb' : force !== '0';
    const columns = process.stdout.isTTY ? process.stdout.columns : 0;
    return { colour: wanted && none === '', width: columns > 0 ? columns : 80 };
  }

  override jsonEnabled(): boolean {
    return (this.format ?? requestedOutput(this.argv)) === 'json';
  }

  /** Shows the warning on standard error, and keeps it for the result, where `-o json` has it. */
  override warn(input: Error | string): Error | string {
    const message = input instanceof Error ? input.message : input;
    this.warnings.push(message);
    if (!this.jsonEnabled()) process.stderr.write(`warning: ${escapeTerminal(message)}\n`);
    return input;
  }

  /** Sets the exit status that answers the command's question (no, not enough evidence) without losing its result. */
  protected answer(status: number): void {
    this.status = graverStatus(this.status, status);
    process.exitCode = this.status;
  }

  /** Prints the result in the format asked for; `run` returns what this returns, which is what `-o json` prints. */
  protected async print<Result extends object>(result: Result, renderers: Renderers): Promise<Result> {
    const render = renderers[this.format ?? 'text'];
    if (this.jsonEnabled()) return result;
    if (render === undefined) throw new Error(`no renderer for the format ${this.format ?? 'text'}`);
    const rendered = await render();
    process.stdout.write(rendered.endsWith('\n') ? rendered : `${rendered}\n`);
    return result;
  }

  protected override async parse<
    F extends Record<string, unknown>,
    B extends Record<string, unknown>,
    A extends Record<string, unknown>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const parsed = await super.parse(options, argv);
    const output: unknown = parsed.flags['output'];
    if (typeof output === 'string') this.format = output;
    return parsed;
  }

  /** Not through oclif's own, which takes seconds for a few megabytes. */
  protected override logJson(json: unknown): void {
    process.stdout.write(jsonText(json));
  }

  protected override toSuccessJson(result: object): object {
    if (this.warnings.length === 0) return result;
    const own = 'warnings' in result && Array.isArray(result.warnings) ? (result.warnings as unknown[]) : [];
    return { ...result, warnings: [...new Set([...own, ...this.warnings])] };
  }

  /** Sets the exit status on every error, because oclif's last handler reads nothing else and ends with 1 ("no") without it. */
  protected override async catch(thrown: unknown): Promise<void> {
    const error: OclifShaped = thrown instanceof Error ? thrown : new Error(String(thrown));
    const failure = describeFailure(error, {
      output: requestedOutput(this.argv),
      cancelled: this.cancellation.signal.aborted,
    });
    this.answer(failure.status);
    // oclif ends with 1 on seeing exactly this message.
    if (error.message === 'SIGINT') error.message = 'cancelled';
    Object.assign(error, { oclif: { ...error.oclif, exit: this.status }, skipOclifErrorHandling: true });
    const quiet = error.code === 'EEXIT';
    if (this.jsonEnabled()) {
      if (!quiet) process.stdout.write(failureDocument(failure));
      return;
    }
    const stack = this.argv.includes('--debug') ? error.stack : undefined;
    if (!quiet) process.stderr.write(renderFailure(failure, stack));
    await super.catch(error);
  }

  protected override finally(error: Error | undefined): Promise<unknown> {
    process.off('SIGINT', this.interrupt);
    return super.finally(error);
  }

  private readonly interrupt = (): void => {
    if (this.cancellation.signal.aborted) process.exit(EXIT.cancelled);
    this.answer(EXIT.cancelled);
    this.cancellation.abort();
  };
}
