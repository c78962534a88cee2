import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { OpenedWorld } from '../../../src/app/open-world.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import type { Call } from '../../../src/domain/calls/call.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { openFiles } from '../../support/open-files.ts';
import { live, meshwise } from '../support/meshwise.ts';
import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { verifyPlan } from '../../../src/app/verify-plan.ts';
import { dataPlaneOf } from '../../../src/domain/mesh/registry.ts';
import { cohortsOf, formatWorkload } from '../../../src/domain/world/workload.ts';
import { workloadsOf } from '../../../src/domain/world/workloads-of.ts';
import type { Player } from './stage-player.ts';

/** When the rehearsals take place: an hour after the demo was taken, so that no plan of it is stale. */
const AT = '2026-11-16T10:00:00Z';

/** The world that the API server holds now, read by the program, with the webhooks laid over it that nobody answers. */
export async function readServer(player: Player, webhooks: readonly JsonObject[]): Promise<OpenedWorld> {
  const snapshot = path.join(player.cluster.folder, 'now.jsonl.gz');
  const ended = await meshwise(['inventory', ...live(player.cluster.reader), '--save', snapshot, '-o', 'json']);
  if (ended.status !== 0) throw new Error(`the server is not read: ${ended.stderr.slice(0, 2000)}`);
  const laidOver = webhooks.length + player.brought.length > 0 ? [webhookFile(player, webhooks)] : [];
  return openFiles({ filename: [snapshot], overlay: laidOver, at: AT });
}

/** What `verify` finds unmet of a stage in that world; the rest is met, or for a person or Prometheus to say. */
export async function unmetAt(opened: OpenedWorld, plan: RolloutPlan, stage: string): Promise<readonly string[]> {
  const question = { stage, gate: 'exit', confirm: [] } as const;
  const { conditions } = await verifyPlan(opened, plan, { question });
  return conditions
    .filter(({ state }) => state === 'unmet')
    .map(({ id, evidence }) => `${id}: ${evidence.map(({ rule }) => rule).join('; ')}`);
}

/** A file for `--overlay` with the webhooks of the world and those that Helm brought. */
export function webhookFile({ cluster, brought }: Player, webhooks: readonly JsonObject[]): string {
  const file = path.join(cluster.folder, 'webhooks.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...webhooks, ...brought] }));
  return file;
}

/** What becomes of each call, in a line: the verdict, the wire and the authorization. */
export function fates(world: World, calls: readonly Call[]): readonly string[] {
  return calls.map((call) => {
    const { verdict, wire, authorization } = fateOf(call, world);
    return `${call.id}: ${verdict} ${wire} ${authorization}`;
  });
}

/** Which data planes the pods of each workload are in, the next ones included, in a line; some are left out. */
export function dataPlanes(world: World, without: ReadonlySet<string>): readonly string[] {
  return workloadsOf(world)
    .filter((workload) => !without.has(formatWorkload(workload)))
    .map((workload) => {
      const modes = cohortsOf(workload).map((cohort) => {
        const { mesh, dataPlane } = dataPlaneOf(workload, cohort, world);
        return `${cohort.state} ${mesh?.id ?? 'none'} ${dataPlane.mode}`;
      });
      return `${formatWorkload(workload)}: ${[...new Set(modes)].sort().join(', ')}`;
    })
    .sort();
}
