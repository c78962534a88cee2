import { Args } from '@oclif/core';
import { listChecks, pageOfCheck } from '../app/explain-check.ts';
import { BaseCommand } from '../base-command.ts';

export default class Explain extends BaseCommand {
  static override summary = 'tell what a check looks for, why it hurts and what to do; without CHECK, list all checks';
  static override examples = [
    { description: 'all checks', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'one check', command: '<%= config.bin %> <%= command.id %> unmeshed-callers' },
    { description: 'its page for a wiki', command: '<%= config.bin %> <%= command.id %> unmeshed-callers -o markdown' },
  ];
  static override args = { check: Args.string({ description: 'id of the check, as findings name it', name: 'CHECK' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Explain);
    const { renderCheckList, renderCheckPage } = await import('../render/text/check-page.ts');
    const { renderCheckListMarkdown, renderCheckPageMarkdown } = await import('../render/markdown/check-page.ts');
    if (args.check === undefined) {
      const list = listChecks();
      return this.print(list, {
        text: () => renderCheckList(list.checks, this.terminal),
        markdown: () => renderCheckListMarkdown(list.checks),
      });
    }
    const page = pageOfCheck(args.check);
    return this.print(page, {
      text: () => renderCheckPage(page, this.terminal),
      markdown: () => renderCheckPageMarkdown(page),
    });
  }
}
