import { Flags } from '@oclif/core';
import { makePlan } from '../app/make-plan.ts';
import type { OpenedWorld } from '../app/open-world.ts';
import { NO_CHOICES } from '../domain/rollout/choices.ts';
import type { RolloutPlan, Target } from '../domain/rollout/plan.ts';
import { TARGETS } from '../domain/rollout/target-names.ts';
import { EXIT, usageError } from '../lib/errors.ts';
import { ask } from '../prompts/ask.ts';
import { TARGET_QUESTION } from '../prompts/plan-questions.ts';
import { wireBundle, wireIdentity } from '../wiring-bundle.ts';
import { WorldCommand } from '../world-command.ts';

export default class Plan extends WorldCommand {
  static override summary = 'write the staged rollout of a mesh, each stage simulated before it is written';
  static override description =
    'Every stage is a folder that can be opened as a pull request: manifests, gate, rollback and the text to go with them. ' +
    'A stage that would cut a call is blocked, and says which; one that lacks evidence is an outline, and says which.';
  static override examples = [
    {
      description: 'the demo cluster',
      command: '<%= config.bin %> <%= command.id %> --demo --target istio-sidecar --out demo-rollout',
    },
    {
      description: 'manifests, on what their configuration tells of calls',
      command:
        '<%= config.bin %> <%= command.id %> -f manifests/ --target istio-sidecar --accept-evidence inferred --out rollout',
    },
  ];
  static override flags = {
    target: Flags.option({ options: TARGETS, summary: 'what to roll out; asked for if missing' })(),
    goal: Flags.option({
      options: ['enrol', 'permissive', 'strict', 'deny-by-default'] as const,
      default: 'deny-by-default' as const,
      summary: 'how far to go',
    })(),
    'accept-evidence': Flags.option({
      options: ['observed', 'declared', 'inferred'] as const,
      default: 'observed' as const,
      summary: 'weakest evidence of calls on which a stage that cuts is written out',
    })(),
    'min-window': Flags.integer({ min: 1, summary: 'days that calls must have been watched', helpValue: 'DAYS' }),
    'mesh-version': Flags.string({ summary: 'version to install; the newest that the cluster supports if not given' }),
    namespace: Flags.string({
      char: 'n',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'plan this namespace only (all are read); repeatable',
    }),
    out: Flags.string({ summary: 'folder to write the rollout to; replaced whole, or not at all', helpValue: 'DIR' }),
    'require-ready': Flags.boolean({ summary: 'end with status 1 where a stage is blocked' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Plan);
    if (flags['mesh-version'] !== undefined && !/^\d+\.\d+(\.\d+)?$/.test(flags['mesh-version'])) {
      throw usageError('bad-version', '--mesh-version is no version', 'write it as 1.31.0');
    }
    if (flags.out === '') throw usageError('no-folder', '--out names no folder', 'give the folder to write to');
    const target = flags.target ?? (await this.askTarget(flags.input));
    const opened = await this.open(flags);
    const plan = await this.planOver(opened, { ...flags, target });
    if (flags.out !== undefined)
      await wireBundle(flags.out).then((write) => {
        write(plan);
      });
    if (flags['require-ready'] && plan.summary.blocked > 0) this.answer(EXIT.no);
    const { renderPlanText } = await import('../render/plan/plan-text.ts');
    const { renderPlanMarkdown } = await import('../render/plan/plan-markdown.ts');
    const { createStyle } = await import('../render/text/style.ts');
    const style = createStyle(this.terminal);
    const out = flags.out === undefined ? {} : { out: flags.out };
    const result = { apiVersion: 'meshwise.dev/v1alpha1', kind: 'RolloutPlan', ...plan };
    return this.print(result, {
      text: () => renderPlanText(plan, { style, width: this.terminal.width, ...out }),
      markdown: () => renderPlanMarkdown(plan, flags.out),
    });
  }

  private async askTarget(wanted: boolean): Promise<Target> {
    const answer = await ask(TARGET_QUESTION, { wanted, signal: this.signal });
    const target = TARGETS.find((each) => each === answer);
    if (target === undefined) throw usageError('unknown-target', `${answer} is no target`);
    return target;
  }

  private async planOver(
    opened: OpenedWorld,
    flags: {
      readonly target: Target;
      readonly goal: RolloutPlan['goal'];
      readonly 'accept-evidence': RolloutPlan['acceptEvidence'];
      readonly 'min-window'?: number | undefined;
      readonly 'mesh-version'?: string | undefined;
      readonly namespace?: readonly string[] | undefined;
    },
  ): Promise<RolloutPlan> {
    const days = flags['min-window'];
    const wishes = {
      target: flags.target,
      goal: flags.goal,
      acceptEvidence: flags['accept-evidence'],
      minWindowSeconds: days === undefined ? undefined : days * 86_400,
      namespaces: flags.namespace ?? [],
      meshVersion: flags['mesh-version'],
      choices: NO_CHOICES,
    };
    return makePlan(opened, wishes, await wireIdentity(opened, this.config.version));
  }
}
