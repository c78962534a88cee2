import { makePlan, type PlanWishes } from '../app/make-plan.ts';
import { wishesOf } from '../app/plan-wishes.ts';
import { isReadyThroughout } from '../domain/rollout/open-stages.ts';
import type { RolloutPlan, Target } from '../domain/rollout/plan.ts';
import { TARGETS } from '../domain/rollout/target-names.ts';
import { CONTRACT_VERSION } from '../domain/world/result-head.ts';
import { EXIT, usageError } from '../lib/errors.ts';
import { planFlags, type PlanFlags } from '../plan-flags.ts';
import { ask } from '../prompts/ask.ts';
import { TARGET_QUESTION } from '../prompts/plan-questions.ts';
import { escapeTerminal } from '../render/escape.ts';
import { keepHeapSmall } from '../small-heap.ts';
import { refuseCredentials, wireBundle, wireIdentity } from '../wiring-bundle.ts';
import { wireConfig } from '../wiring-config.ts';
import { wireEarlierPlans } from '../wiring-plan.ts';
import { WorldCommand } from '../world-command.ts';
import type { WorldFlags } from '../world-flags.ts';

type BundleFlags = Pick<PlanFlags, 'layout' | 'repo-url'>;

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
      description: 'what changed since the last plan, whose waves and ids stay',
      command: '<%= config.bin %> <%= command.id %> --demo --target istio-sidecar --diff demo-rollout',
    },
    {
      description: 'beside another mesh, whose workloads stay as they are; without the choice the plan stops there',
      command:
        '<%= config.bin %> <%= command.id %> --demo --target linkerd --coexist-with istio --out demo-rollout-linkerd',
    },
    {
      description: 'manifests, on what their configuration tells of calls',
      command:
        '<%= config.bin %> <%= command.id %> -f manifests/ --target istio-sidecar --accept-evidence inferred --out rollout',
    },
  ];
  static override flags = planFlags;

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Plan);
    if (flags['mesh-version'] !== undefined && !/^\d+\.\d+(\.\d+)?$/.test(flags['mesh-version'])) {
      throw usageError('bad-version', '--mesh-version is no version', 'write it as 1.31.0');
    }
    if (flags.out === '') throw usageError('no-folder', '--out names no folder', 'give the folder to write to');
    refuseCredentials(flags['repo-url']);
    const target = flags.target ?? (await this.askTarget(flags.input));
    const earlier = await wireEarlierPlans(flags);
    for (const warning of earlier.warnings) this.warn(warning);
    const config = await wireConfig(flags.config);
    if (config !== undefined) process.stderr.write(`choices: ${escapeTerminal(config.file)}\n`);
    const wishes = wishesOf({ ...flags, target }, { choices: config?.choices, previous: earlier.previous });
    const plan = await this.make(flags, wishes);
    if (flags.out !== undefined) await this.write(plan, flags.out, flags);
    if (flags['require-ready'] && !isReadyThroughout(plan)) this.answer(EXIT.no);
    if (earlier.diff !== undefined) return this.printChanges(earlier.diff, plan);
    const { renderPlanText } = await import('../render/plan/plan-text.ts');
    const { renderPlanMarkdown } = await import('../render/plan/plan-markdown.ts');
    const { createStyle } = await import('../render/text/style.ts');
    const style = createStyle(this.terminal);
    const out = flags.out === undefined ? {} : { out: flags.out };
    const result = { apiVersion: CONTRACT_VERSION, kind: 'RolloutPlan', ...plan };
    return this.print(result, {
      text: () => renderPlanText(plan, { style, width: this.terminal.width, ...out }),
      markdown: () => renderPlanMarkdown(plan, flags.out),
    });
  }

  /** The world is left behind with the plan made: while a large one is written there is room for one of them. */
  private async make(flags: WorldFlags, wishes: PlanWishes): Promise<RolloutPlan> {
    keepHeapSmall();
    const opened = await this.open(flags);
    return makePlan(opened, wishes, await wireIdentity(opened, this.config.version));
  }

  private async askTarget(wanted: boolean): Promise<Target> {
    const answer = await ask(TARGET_QUESTION, { wanted, signal: this.signal });
    const target = TARGETS.find((each) => each === answer);
    if (target === undefined) throw usageError('unknown-target', `${answer} is no target`);
    return target;
  }

  private async printChanges(before: RolloutPlan, plan: RolloutPlan): Promise<unknown> {
    const { comparePlans } = await import('../domain/rollout/compare/compare-plans.ts');
    const { renderPlanChanges, renderPlanChangesMarkdown } = await import('../render/plan-changes/plan-changes.ts');
    const { createStyle } = await import('../render/text/style.ts');
    const changes = comparePlans(before, plan);
    const result = { apiVersion: CONTRACT_VERSION, kind: 'RolloutPlanDiff', ...changes };
    const { width } = this.terminal;
    return this.print(result, {
      text: () => renderPlanChanges(changes, { style: createStyle(this.terminal), width }),
      markdown: () => renderPlanChangesMarkdown(changes),
    });
  }

  private async write(plan: RolloutPlan, out: string, { layout, 'repo-url': repoUrl }: BundleFlags): Promise<void> {
    const write = await wireBundle(out, { layout, ...(repoUrl === undefined ? {} : { repoUrl }) });
    write(plan);
  }
}
