import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, inject } from 'vitest';
import type { Call } from '../../../src/domain/calls/call.ts';
import { admitPod } from '../../../src/domain/mesh/registry.ts';
import type { RolloutPlan, Stage } from '../../../src/domain/rollout/plan.ts';
import { applyChange } from '../../../src/domain/world/apply.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { asObjects, at, type JsonObject } from '../../../src/lib/json.ts';
import { groupBy } from '../../../src/lib/order.ts';
import { kubectl, type Cluster } from '../support/cluster.ts';
import { meshwise } from '../support/meshwise.ts';
import { playControllers } from './controllers.ts';
import type { PlayedInjectors } from './injector.ts';
import { errorsOfIstioctl } from './istioctl.ts';
import { leaveOneOut } from './left-out.ts';
import { readPaths } from './paths.ts';
import { fieldsNotThere, stateOfTouched } from './read-back.ts';
import { dataPlanes, fates, readServer, unmetAt } from './server-world.ts';
import { playRollback, playSome, playStage, takeOptOutsAway, type Player } from './stage-player.ts';
import { closedBy, stillOpen } from './still-open.ts';

/** A plan with the cluster on which it is rehearsed. */
export interface Rehearsal {
  readonly player: Player;
  readonly plan: RolloutPlan;
  /** Webhooks of the cluster that nobody answers here: they are laid over what is read. */
  readonly webhooks: readonly JsonObject[];
  /** The world that the plan was made from. */
  readonly start: World;
  readonly calls: readonly Call[];
}

const WEBHOOKS = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';

/** Takes the webhooks out of a cluster, because some would keep every pod from being made, and gives them. */
export async function takeWebhooksOut(cluster: Cluster): Promise<readonly JsonObject[]> {
  const list = JSON.parse(await kubectl(cluster, ['get', WEBHOOKS, '-o', 'json'])) as JsonObject;
  await kubectl(cluster, ['delete', WEBHOOKS, '--all']);
  return asObjects(list['items']).map((object) => ({
    ...object,
    metadata: { name: at(object, 'metadata', 'name'), labels: at(object, 'metadata', 'labels') },
  }));
}

/** Somebody to play the plan of the bundle that these flags of `plan` give. */
export async function playerFor(
  cluster: Cluster,
  flags: readonly string[],
): Promise<Pick<Rehearsal, 'player' | 'plan'>> {
  const bundle = path.join(cluster.folder, `rollout-${String(readdirSync(cluster.folder).length)}`);
  const planned = await meshwise(['plan', ...flags, '--out', bundle]);
  if (planned.status !== 0) throw new Error(planned.stderr);
  const plan = JSON.parse(readFileSync(path.join(bundle, 'plan.json'), 'utf8')) as RolloutPlan;
  const paths = await readPaths(cluster.kube);
  const controllers = playControllers(cluster.kube, paths, injectorsOf(plan));
  return { player: { cluster, paths, controllers, bundle, brought: [], installed: new Set() }, plan };
}

/** The injectors after the plan's first stages: those that Helm brings, else the demo's own. */
function injectorsOf(plan: RolloutPlan): PlayedInjectors {
  const version = plan.basedOn.versions['istio'] ?? '1.31.1';
  const brought = plan.stages.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.step === 'external' ? step.expect : [])),
  );
  const revision = brought.flatMap(({ kind, metadata }) =>
    kind === 'Deployment' ? (metadata.labels['istio.io/rev'] ?? []) : [],
  )[0];
  const byPlugin = plan.target !== 'istio-ambient' && plan.stages.some(({ id }) => id === 'node-agents');
  return { version, revision: revision ?? 'default', byPlugin, byTunnel: plan.target === 'istio-ambient' };
}

/** Helm on a part of the nodes: the plan expects nothing of it that could be played. */
function isForNobodyHere({ steps }: Stage): boolean {
  return steps.every(
    (step) => step.step === 'external' && step.expect.length + (step.expectChanges ?? []).length === 0,
  );
}

/** Stages that change something, in their order, with their folders. */
export function stagesOf({ plan, player }: Rehearsal): readonly (readonly [Stage, string])[] {
  const folders = readdirSync(player.bundle);
  return plan.stages
    .filter(({ state, steps }) => (state === 'ready' || state === 'waived') && steps.length > 0)
    .map((stage) => [stage, folders.find((folder) => folder.endsWith(`-${stage.id}`) && /^\d/.test(folder)) ?? '']);
}

/** What a rehearsal did: the stages that were played, and those of which a step was left out. */
export interface Rehearsed {
  readonly played: readonly Stage[];
  readonly leftOut: readonly string[];
}

/**
 * Applies each stage, undoes it and applies it again; each time every field is read back. Before it `verify` must say
 * that it did not happen, so it must without one of its steps, and after it find nothing unmet but what stays open on
 * purpose. Then the server's world must resolve as the simulated one, and `istioctl analyze` must find no error that was
 * not there before. At the end no workload that was closed lets in more than the plan's register says.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<Rehearsed> {
  const { player, plan, webhooks, start, calls } = rehearsal;
  const istioctl = inject('istioctl');
  const already = new Set(await errorsOfIstioctl(player, istioctl));
  const played: Stage[] = [];
  const leftOut: string[] = [];
  let simulated = start;
  let server = await readServer(player, webhooks);
  for (const [stage, folder] of stagesOf(rehearsal)) {
    if (isForNobodyHere(stage)) continue;
    // A restart by itself leaves no field behind that could be missing.
    if (stage.steps.some(({ step }) => step !== 'restart')) {
      expect(await unmetAt(server, plan, stage.id), `verify before ${stage.id}`).not.toEqual([]);
    }
    await applyAndUndo(player, stage, folder);
    const without = leaveOneOut(stage);
    if (without !== undefined) {
      leftOut.push(stage.id);
      await playSome(player, without.rest);
      const unmet = await unmetAt(await readServer(player, webhooks), plan, stage.id);
      expect(unmet, `verify of ${stage.id} without ${JSON.stringify(without.step).slice(0, 300)}`).not.toEqual([]);
    }
    await playStage(player, stage, folder);
    expect(await fieldsNotThere(player, stage), `fields of ${stage.id}, applied again`).toEqual([]);
    simulated = applyChange(simulated, { id: stage.id, steps: stage.steps }, admitPod).world;
    server = await readServer(player, webhooks);
    expect(await unmetAt(server, plan, stage.id), `verify after ${stage.id}`).toEqual([]);
    expect(fates(server.world, calls), `calls after ${stage.id}`).toEqual(fates(simulated, calls));
    const [found, wanted] = [server.world, simulated].map((world) => dataPlanes(world, player.installed));
    expect(found, `data planes after ${stage.id}`).toEqual(wanted);
    const errors = (await errorsOfIstioctl(player, istioctl)).filter((error) => !already.has(error));
    expect(errors, `istioctl analyze after ${stage.id}`).toEqual([]);
    played.push(stage);
  }
  expect(stillOpen(server.world, calls, { plan, workloads: closedBy(played) })).toEqual([]);
  return { played, leftOut };
}

/** Applies a stage and undoes it, so that the objects are as before; what Helm brings stays. */
async function applyAndUndo(player: Player, stage: Stage, folder: string): Promise<void> {
  if (stage.steps.some(({ step }) => step === 'external')) return;
  const before = await stateOfTouched(player, stage);
  await playStage(player, stage, folder);
  expect(await fieldsNotThere(player, stage), `fields of ${stage.id}`).toEqual([]);
  await playRollback(player, stage);
  expect(await stateOfTouched(player, stage), `${stage.id} undone`).toEqual(before);
  await takeOptOutsAway(player, stage);
}

/** A line for each state and kind of stage, and for each that is blocked or an outline why. */
export function record({ plan }: Rehearsal, { played, leftOut }: Rehearsed): string {
  const byKind = groupBy(played, ({ kind }) => kind);
  const counts = [...byKind].map(([kind, stages]) => `${String(stages.length)} ${kind}`);
  const held = plan.stages.filter(({ state }) => state === 'blocked' || state === 'outline');
  const reasons = held.flatMap(({ id, state, blockedBy }) =>
    blockedBy.map(({ what }) => `  ${id} (${state}): ${what}`),
  );
  return [
    `${plan.target}: played ${counts.join(', ')}; ${String(leftOut.length)} of them with a step left out first`,
    `  ${String(held.length)} blocked or outline, ${String(plan.exceptions.length)} exceptions`,
    ...reasons,
    '',
  ].join('\n');
}
