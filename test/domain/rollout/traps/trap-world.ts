import { admitPod } from '../../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../../src/domain/rollout/plan.ts';
import type { RolloutInput } from '../../../../src/domain/rollout/rollout-input.ts';
import { fateOf } from '../../../../src/domain/simulate/fate-of.ts';
import { applyChange } from '../../../../src/domain/world/apply.ts';
import type { World } from '../../../../src/domain/world/world.ts';
import type { CallRow } from '../../../../src/domain/calls/call.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom, type WorldOptions } from '../../../support/build-world.ts';
import { planOf, SHOP_CALLS, stageOf, watched } from '../shop.ts';

/** A plan for a bad world, with what is in its way and what becomes of its calls. */
export interface Trapped {
  readonly plan: RolloutPlan;
  /** Ids of the stages that are blocked or outlines, without the hash of a wave. */
  readonly inTheWay: readonly string[];
  /** All obstacles of the stage, joined. */
  readonly blockedBy: (id: string) => string;
  /** Notes of the stage, and the texts of its entry gate, joined. */
  readonly page: (id: string) => string;
  /** Rows of the register, as `cart mtls 8080: it waits for ...`. */
  readonly register: readonly string[];
  /** The wave that takes in the workload of that name. */
  readonly wave: (name: string) => Stage;
  /** Verdicts of calls that fare worse at some step of a stage that may be applied than before the plan. */
  readonly worse: readonly string[];
  readonly end: World;
}

/** What is planned otherwise than towards sidecars, and how the world is read. */
export interface TrapOptions {
  readonly rows?: readonly CallRow[];
  readonly input?: Partial<RolloutInput>;
  readonly world?: WorldOptions;
}

/** Plans a world of these objects, and applies the plan step by step. */
export function trap(objects: readonly JsonObject[], options: TrapOptions = {}): Trapped {
  return trapIn(worldFrom(objects, options.world), options);
}

/** The same for a world that is made already. */
export function trapIn(world: World, { rows = SHOP_CALLS, input = {} }: TrapOptions = {}): Trapped {
  const plan = planOf(world, rows, input);
  const { end, worse } = carryOut(world, plan, rows);
  return {
    plan,
    end,
    worse,
    inTheWay: plan.stages
      .filter(({ state }) => state === 'blocked' || state === 'outline')
      .map(({ id }) => id.replace(/-[0-9a-f]{4}$/, '')),
    blockedBy: (id) => obstaclesOf(stageOf(plan, id)),
    page: (id) => pageOf(stageOf(plan, id)),
    register: plan.exceptions.map(
      ({ workload: { name }, layer, ports, reason }) => `${name} ${layer} ${ports.join(',')}: ${reason}`,
    ),
    wave: (name) => waveOf(plan, name),
  };
}

/** What stands in the way of a stage, joined. */
export function obstaclesOf({ blockedBy }: Stage): string {
  return blockedBy.map(({ what }) => what).join('\n');
}

/** What the page of a stage tells and asks, joined. */
export function pageOf({ notes, entryGate }: Stage): string {
  return [...notes, ...entryGate.map(({ text }) => text)].join('\n');
}

const RANK = ['ok', 'degraded', 'unknown', 'partial', 'breaks'] as const;

function carryOut(world: World, plan: RolloutPlan, rows: readonly CallRow[]): Pick<Trapped, 'end' | 'worse'> {
  const { calls } = watched(world, rows);
  const before = new Map(calls.map((call) => [call.id, RANK.indexOf(fateOf(call, world).verdict)]));
  const worse = new Set<string>();
  let end = world;
  for (const { id, state, steps } of plan.stages) {
    if (state !== 'ready' && state !== 'waived') continue;
    for (const step of steps) {
      end = applyChange(end, { id, steps: [step] }, admitPod).world;
      for (const call of calls) {
        const { verdict } = fateOf(call, end);
        if (RANK.indexOf(verdict) > (before.get(call.id) ?? 0)) worse.add(`${call.id}: ${verdict}`);
      }
    }
  }
  return { end, worse: [...worse].sort() };
}

function waveOf(plan: RolloutPlan, name: string): Stage {
  const found = plan.stages.find(
    ({ kind, scope }) => kind === 'enrol' && scope.workloads.some((workload) => workload.name === name),
  );
  if (found === undefined) throw new Error(`no wave takes in ${name}`);
  return found;
}

/** Plans the world towards Linkerd. */
export function towardsLinkerd(objects: readonly JsonObject[], { input, ...more }: TrapOptions = {}): Trapped {
  return trap(objects, { ...more, input: { target: 'linkerd', ...input } });
}

/** The first words of the rows of the register that are about the workload. */
export function registered({ register }: Trapped, name: string): readonly string[] {
  return register.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(':')[0] ?? '');
}
