import { Flags } from '@oclif/core';
import { listed } from '../app/inventory-filters.ts';
import { runSimulation, type SimulationOptions, type SimulationResult } from '../app/run-simulation.ts';
import { EVIDENCE_LEVELS } from '../app/simulated-calls.ts';
import type { StageToSimulate } from '../app/simulated-worlds.ts';
import { outputFlag } from '../base-command.ts';
import type { StagesNotFollowed } from '../domain/simulate/followed.ts';
import { parseAssumption } from '../domain/simulate/assume.ts';
import type { Assumption } from '../domain/simulate/assumption.ts';
import { EXIT, usageError } from '../lib/errors.ts';
import { wirePlanReader } from '../wiring-bundle.ts';
import { WorldCommand } from '../world-command.ts';
import { scopeFlags } from '../world-flags.ts';

/** Why a stage is not followed, in the order in which that is told. */
const NOT_FOLLOWED = ['blocked', 'outline', 'done', 'nothing to apply'] as const;

/** Of a written plan, what is followed and what is not. */
interface StagesOfPlan {
  readonly stages: readonly StageToSimulate[];
  readonly notFollowed: readonly StagesNotFollowed[];
}

const STATUS = { yes: EXIT.yes, no: EXIT.no, 'not-enough-evidence': EXIT.notEnoughEvidence } as const;

export default class Simulate extends WorldCommand {
  static override summary = 'follow each call through the world, its overlays, an assumption or the stages of a plan';
  static override description =
    'Says for each call what is on the wire, who the server takes the caller for, and whether it is let in, with the ' +
    'object that decides. Of several worlds it tells what changes from each to the next, worst first. Ends with status ' +
    '1 where a call breaks that works now, and with 4 where too little is known: less than --min-coverage, or what ' +
    'becomes of a known call, after a change, or of the one that --call asks for.';
  static override examples = [
    { description: 'the demo cluster as it is', command: '<%= config.bin %> <%= command.id %> --demo' },
    {
      description: 'what would break if everything demanded mutual TLS now?',
      command: '<%= config.bin %> <%= command.id %> --demo --assume strict',
    },
    {
      description: 'what if these files were applied? to paste into a pull request',
      command: '<%= config.bin %> <%= command.id %> --demo --overlay strict.yaml -o markdown',
    },
    {
      description: 'one call, step by step',
      command: '<%= config.bin %> <%= command.id %> --demo --call shop-parcel/shipping:shop-parcel/rate-card:8080',
    },
    {
      description: 'every stage of a written plan',
      command: '<%= config.bin %> <%= command.id %> --demo --plan demo-rollout',
    },
    {
      description: 'in a pipeline, on what was observed alone',
      command:
        '<%= config.bin %> <%= command.id %> --demo --assume strict --evidence observed --min-coverage 80 -o junit',
    },
  ];
  static override flags = {
    ...scopeFlags,
    plan: Flags.string({
      summary: 'folder that meshwise plan wrote, its manifests unchanged: follow each call through its stages',
      helpValue: 'DIR',
    }),
    assume: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'as if this held: strict, deny-all, enrol-all or enrol-all=NAMESPACE; repeatable, each over the last',
      helpValue: 'WHAT',
    }),
    call: Flags.string({
      summary: 'one call alone, step by step, with every rule that decides',
      helpValue: 'CLIENT:SERVICE:PORT',
      exclusive: ['namespace', 'all-namespaces', 'evidence'],
    }),
    method: Flags.string({ summary: 'HTTP method of the --call', dependsOn: ['call'], helpValue: 'GET' }),
    path: Flags.string({ summary: 'HTTP path of the --call', dependsOn: ['call'], helpValue: '/orders' }),
    evidence: Flags.option({
      options: [...EVIDENCE_LEVELS].reverse(),
      summary: 'weakest evidence of a call that counts; inferred (all) if not given',
    })(),
    'min-coverage': Flags.integer({
      min: 0,
      max: 100,
      summary: 'end with status 4 where calls to fewer of the ports, in percent, were observed',
      helpValue: 'PERCENT',
    }),
    output: outputFlag('wide', 'junit'),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Simulate);
    refuseEmpty('assume', flags.assume);
    refuseEmpty('namespace', flags.namespace);
    const assumptions = listed(flags.assume).map(assumptionOf);
    const plan = flags.plan === undefined ? undefined : await this.stagesOf(flags.plan);
    const options: SimulationOptions = {
      assumptions,
      namespaces: flags['all-namespaces'] ? [] : listed(flags.namespace),
      minCoverage: flags['min-coverage'],
      notFollowed: plan?.notFollowed,
      ...(flags.evidence === undefined ? {} : { evidence: flags.evidence }),
      ...(flags.call === undefined ? {} : { call: { text: flags.call, method: flags.method, path: flags.path } }),
    };
    const result = runSimulation(await this.open(flags), plan?.stages ?? [], options);
    this.answer(STATUS[result.answer.is]);
    return this.show(result);
  }

  private async show(result: SimulationResult): Promise<unknown> {
    const { renderSimulation } = await import('../render/text/simulation.ts');
    const { renderSimulationMarkdown } = await import('../render/markdown/simulation.ts');
    const { renderSimulationJunit } = await import('../render/junit/simulation.ts');
    return this.print(result, {
      text: () => renderSimulation(result, { ...this.terminal, wide: false }),
      wide: () => renderSimulation(result, { ...this.terminal, wide: true }),
      markdown: () => renderSimulationMarkdown(result),
      junit: () => renderSimulationJunit(result),
    });
  }

  private async stagesOf(path: string): Promise<StagesOfPlan> {
    const readPlan = await wirePlanReader();
    const all = readPlan(path);
    const why = ({ state, steps }: (typeof all)[number]): StagesNotFollowed['why'] | undefined => {
      if (state !== 'ready' && state !== 'waived') return state;
      return steps.length === 0 ? 'nothing to apply' : undefined;
    };
    return {
      stages: all.filter((stage) => why(stage) === undefined),
      notFollowed: NOT_FOLLOWED.flatMap((each) => {
        const stages = all.filter((stage) => why(stage) === each).map(({ id }) => id);
        return stages.length === 0 ? [] : [{ why: each, stages }];
      }),
    };
  }
}

/** A variable of a pipeline that is not set must not ask for something else. */
function refuseEmpty(flag: string, values: readonly string[] = []): void {
  if (values.every((value) => value.trim() !== '' && listed([value]).length > 0)) return;
  throw usageError(`empty-${flag}`, `--${flag} is empty`, 'give it a value, or leave it out');
}

function assumptionOf(text: string): Assumption {
  const assumption = parseAssumption(text);
  if (assumption !== undefined) return assumption;
  throw usageError(
    'unknown-assumption',
    `--assume ${text.slice(0, 100)} is nothing that can be assumed`,
    'the choices are: strict, deny-all, enrol-all, enrol-all=NAMESPACE',
  );
}
