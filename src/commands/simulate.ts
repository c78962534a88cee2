import { Flags } from '@oclif/core';
import { breaksCalls, runSimulation, type StageToSimulate } from '../app/run-simulation.ts';
import { outputFlag } from '../base-command.ts';
import { EXIT } from '../lib/errors.ts';
import { wirePlanReader } from '../wiring-bundle.ts';
import { WorldCommand } from '../world-command.ts';

/** Stages of these states are written out and would be applied. */
const WRITTEN: ReadonlySet<string> = new Set(['ready', 'waived']);

export default class Simulate extends WorldCommand {
  static override summary = 'follow each call through the world, its overlays and the stages of a plan';
  static override description =
    'Says for each call what is on the wire, who the server takes the caller for, and whether it is let in, with the ' +
    'object that decides. Ends with status 1 where a call breaks that works now.';
  static override examples = [
    { description: 'the demo cluster as it is', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'what if these files were applied?',
      command: '<%= config.bin %> <%= command.id %> --demo --overlay strict.yaml',
    },
    {
      description: 'every stage of a written plan',
      command: '<%= config.bin %> <%= command.id %> --demo --plan demo-rollout',
    },
  ];
  static override flags = {
    plan: Flags.string({
      summary: 'folder that meshwise plan wrote: follow each call through its stages',
      helpValue: 'DIR',
    }),
    output: outputFlag('wide'),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Simulate);
    const stages = flags.plan === undefined ? [] : await this.stagesOf(flags.plan);
    const result = runSimulation(await this.open(flags), stages);
    if (breaksCalls(result)) this.answer(EXIT.no);
    const { renderSimulation } = await import('../render/text/simulation.ts');
    const { renderSimulationMarkdown } = await import('../render/markdown/simulation.ts');
    return this.print(result, {
      text: () => renderSimulation(result, { ...this.terminal, wide: false }),
      wide: () => renderSimulation(result, { ...this.terminal, wide: true }),
      markdown: () => renderSimulationMarkdown(result),
    });
  }

  private async stagesOf(path: string): Promise<readonly StageToSimulate[]> {
    const readPlan = await wirePlanReader();
    return readPlan(path).filter(({ state, steps }) => WRITTEN.has(state) && steps.length > 0);
  }
}
