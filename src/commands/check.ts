import { Flags } from '@oclif/core';
import { checkWorld } from '../app/run-checks.ts';
import { EXIT } from '../lib/errors.ts';
import { escapeTerminal } from '../render/escape.ts';
import { wireConfig } from '../wiring-config.ts';
import { WorldCommand } from '../world-command.ts';
import { scopeFlags } from '../world-flags.ts';

export default class Check extends WorldCommand {
  static override summary = 'find what a rollout of a mesh would break, at which stage, and what to do first';
  static override description =
    'Ends with 1 where a finding is at or above --fail-on, with 4 where no check covers what was asked.';
  static override examples = [
    { description: 'the demo cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'what STRICT would break in one namespace',
      command: '<%= config.bin %> <%= command.id %> --demo --stage strict -n shop-core',
    },
    {
      description: 'a gate in a pipeline',
      command: '<%= config.bin %> <%= command.id %> --demo --fail-on high -o json',
    },
  ];
  static override flags = {
    ...scopeFlags,
    target: Flags.option({
      summary: 'mesh and data plane that the rollout is to reach',
      options: ['istio-sidecar'] as const,
      default: 'istio-sidecar',
    })(),
    stage: Flags.option({
      summary: 'only what hurts at this stage of the rollout',
      options: ['install', 'inject', 'permissive', 'strict', 'authz', 'day2'] as const,
    })(),
    'fail-on': Flags.option({
      summary: 'mildest severity that makes the answer no (exit status 1)',
      options: ['blocker', 'high', 'medium', 'low', 'none'] as const,
      default: 'blocker',
    })(),
    config: Flags.string({
      summary: 'file of waivers; meshwise.yaml here, if it is there and no other is named',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Check);
    const config = await wireConfig(flags.config);
    if (config !== undefined) process.stderr.write(`waivers: ${escapeTerminal(config.file)}\n`);
    const opened = await this.open(flags);
    const result = checkWorld(opened, {
      target: flags.target,
      stage: flags.stage,
      namespaces: flags.namespace ?? [],
      failOn: flags['fail-on'],
      waived: config?.waivers ?? [],
    });
    if (result.summary.checks === 0) this.answer(EXIT.notEnoughEvidence);
    if (result.failing > 0) this.answer(EXIT.no);
    const { renderCheckReport } = await import('../render/text/check-report.ts');
    const { renderCheckReportMarkdown } = await import('../render/markdown/check-report.ts');
    return this.print(result, {
      text: () => renderCheckReport(result, this.terminal),
      markdown: () => renderCheckReportMarkdown(result),
    });
  }
}
