import { Flags } from '@oclif/core';
import { runAssessment } from '../app/run-assessment.ts';
import { EXIT } from '../lib/errors.ts';
import { WorldCommand } from '../world-command.ts';

export default class Assess extends WorldCommand {
  static override summary = 'say whether a service mesh is worth it here and which one, and what is still open';
  static override examples = [
    { description: 'the demo cluster', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'with what a cluster cannot show',
      command:
        '<%= config.bin %> <%= command.id %> --demo --answer mtls-identity=must --answer in-house-alternative=no',
    },
    {
      description: 'without an option that is out of the question',
      command: "<%= config.bin %> <%= command.id %> --demo --exclude consul='no licence'",
    },
    {
      description: 'for the minutes of a decision session',
      command: '<%= config.bin %> <%= command.id %> --demo -o markdown',
    },
  ];
  static override flags = {
    answer: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'answer to a question: no, some, yes, must, or a number from 0 to 1; repeatable',
      helpValue: 'ID=VALUE',
    }),
    exclude: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      summary: 'option that is out of the question, with the reason; repeatable',
      helpValue: 'OPTION=REASON',
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Assess);
    const opened = await this.open(flags);
    const result = runAssessment(opened, { answers: flags.answer ?? [], exclusions: flags.exclude ?? [] });
    if (result.recommendation.verdict === 'undecided') this.answer(EXIT.notEnoughEvidence);
    const { renderAssessment } = await import('../render/text/assessment.ts');
    const { renderAssessmentMarkdown } = await import('../render/markdown/assessment.ts');
    return this.print(result, {
      text: () => renderAssessment(result, this.terminal),
      markdown: () => renderAssessmentMarkdown(result),
    });
  }
}
