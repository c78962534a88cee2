import { Flags } from '@oclif/core';
import { listed } from '../app/inventory-filters.ts';
import type { CallsSource, Sources } from '../app/ports.ts';
import { locateInPlan, stageOf, verifyPlan, type VerificationResult } from '../app/verify-plan.ts';
import { verifyUntil } from '../app/verify-until.ts';
import type { RolloutPlan } from '../domain/rollout/plan.ts';
import type { Gate } from '../domain/rollout/verify/verification.ts';
import { parseDuration } from '../lib/duration.ts';
import { EXIT, usageError } from '../lib/errors.ts';
import { escapeTerminal } from '../render/escape.ts';
import { wireWholePlan } from '../wiring-plan.ts';
import { readOnce, wireClock, wireMetrics } from '../wiring-verify.ts';
import { WorldCommand } from '../world-command.ts';
import type { WorldFlags } from '../world-flags.ts';

const STATUS = { yes: EXIT.yes, no: EXIT.no, 'not-enough-evidence': EXIT.notEnoughEvidence } as const;

/** What the command line asks. */
interface Asked {
  readonly plan: RolloutPlan;
  readonly stage: string;
  readonly gate: Gate;
  readonly confirm: readonly string[];
  readonly seconds: number | undefined;
}

export default class Verify extends WorldCommand {
  static override summary =
    'say whether a stage of a plan may be applied, took, or may be undone; or which stage a cluster is at';
  static override description =
    'Each condition is met, unmet or unknown, with its evidence: fields are read back, the stage is simulated on the ' +
    'world of today, and the queries of the gate are asked of the Prometheus that --prometheus names. Ends with status ' +
    '1 where a condition is unmet, and with 4 where none is and some are unknown. What only a person can tell is met ' +
    'once it is named with --confirm. Without --stage: where the cluster stands in the plan, and what is next.';
  static override usage =
    '<%= command.id %> --plan DIR [--stage ID [--entry | --exit] | --rollback ID] [--confirm ID] [--wait DURATION]';
  static override examples = [
    {
      description: 'which stage is the cluster at?',
      command: '<%= config.bin %> <%= command.id %> --plan rollout/plan.json',
    },
    {
      description: 'before a stage is merged, in a pipeline',
      command:
        '<%= config.bin %> <%= command.id %> --plan rollout/plan.json --stage strict-shop --entry --prometheus https://prometheus.example.com',
    },
    {
      description: 'after it was applied, for at most ten minutes',
      command: '<%= config.bin %> <%= command.id %> --plan rollout/plan.json --stage strict-shop --exit --wait 10m',
    },
    {
      description: 'before its rollback',
      command: '<%= config.bin %> <%= command.id %> --plan rollout/plan.json --rollback strict-shop',
    },
  ];
  static override flags = {
    plan: Flags.string({
      summary: 'folder that meshwise plan wrote, or its plan.json',
      helpValue: 'DIR',
      required: true,
    }),
    stage: Flags.string({ summary: 'id of the stage, as plan.json has it', helpValue: 'ID' }),
    entry: Flags.boolean({
      summary: 'may the stage be applied?',
      dependsOn: ['stage'],
      exclusive: ['exit'],
    }),
    exit: Flags.boolean({
      summary: 'did the stage take? (the default)',
      dependsOn: ['stage'],
      exclusive: ['entry'],
    }),
    rollback: Flags.string({
      summary: 'id of a stage: may it be undone, or which stages have to be undone first?',
      helpValue: 'ID',
      exclusive: ['stage', 'entry', 'exit'],
    }),
    confirm: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'condition that you have looked at yourself, and vouch for; repeatable',
      helpValue: 'ID',
    }),
    wait: Flags.string({
      summary: 'look again every ten seconds until all conditions are met, for so long at most, as 10m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Verify);
    const seconds = secondsToWait(flags.wait, flags);
    if (flags.plan.trim() === '')
      throw usageError('no-plan', '--plan names no folder', 'give the folder of the rollout');
    const readPlan = await wireWholePlan();
    const plan = readPlan(flags.plan);
    const asked = flags.stage ?? flags.rollback;
    if (asked === undefined) {
      refuseWithoutStage(flags);
      return this.show(locateInPlan(await this.open(flags), plan));
    }
    const { id } = stageOf(plan, asked);
    const gate = flags.rollback === undefined ? (flags.entry ? 'entry' : 'exit') : 'rollback';
    return this.show(await this.ask({ plan, stage: id, gate, confirm: listed(flags.confirm), seconds }, flags));
  }

  private async ask({ plan, seconds, ...question }: Asked, flags: WorldFlags): Promise<VerificationResult> {
    const metrics = wireMetrics(flags, {
      signal: () => this.signal,
      release: () => {
        this.releaseSignal();
      },
    });
    let calls: CallsSource | undefined;
    const withCalls = (sources: Sources): Sources => ({ ...sources, calls: (calls ??= readOnce(sources.calls)) });
    const look = async (): Promise<VerificationResult> =>
      verifyPlan(await this.open(flags, withCalls), plan, { question, metrics });
    if (seconds === undefined) return look();
    const clock = wireClock(() => this.signal);
    return verifyUntil({ look, clock, seconds, onLook: tellProgress });
  }

  private async show(result: VerificationResult): Promise<unknown> {
    this.answer(STATUS[result.answer.is]);
    const { verificationDocument } = await import('../render/verification/verification-document.ts');
    const { renderDocument } = await import('../render/text/document.ts');
    const { renderDocumentMarkdown } = await import('../render/markdown/document.ts');
    return this.print(result, {
      text: () => renderDocument(verificationDocument(result), this.terminal),
      markdown: () => renderDocumentMarkdown(verificationDocument(result)),
    });
  }
}

/** Nobody is told where nobody watches. */
function tellProgress({ summary, conditions }: VerificationResult): void {
  if (!process.stderr.isTTY) return;
  const open = conditions.filter(({ state }) => state !== 'met').map(({ id }) => id);
  const shown = `${open.slice(0, 3).join(', ')}${open.length > 3 ? ', ...' : ''}`;
  const text = `${String(summary.met)} of ${String(conditions.length)} conditions are met; waiting for ${shown}`;
  process.stderr.write(`${escapeTerminal(text)}\n`);
}

/** Where the cluster stands has no conditions that anybody could confirm or wait for. */
function refuseWithoutStage({ confirm, wait }: { readonly confirm?: unknown; readonly wait?: unknown }): void {
  const flag = confirm !== undefined ? '--confirm' : wait !== undefined ? '--wait' : undefined;
  if (flag === undefined) return;
  throw usageError('no-stage', `${flag} is for one stage, and none is named`, 'name it with --stage or --rollback');
}

/** Waiting makes sense only where what is looked at can change. */
function secondsToWait(
  wait: string | undefined,
  { filename, demo }: Pick<WorldFlags, 'filename' | 'demo'>,
): number | undefined {
  if (wait === undefined) return undefined;
  if (demo || (filename ?? []).length > 0) {
    throw usageError(
      'wait-for-files',
      '--wait is for live clusters: files do not change by themselves',
      'leave it out',
    );
  }
  const seconds = parseDuration(wait);
  if (seconds !== undefined) return seconds;
  throw usageError('bad-wait', `--wait ${wait.slice(0, 40)} is no length of time`, 'write it as 10m, 90s or 1h30m');
}
