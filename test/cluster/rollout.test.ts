import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openFiles } from '../support/open-files.ts';
import { APPLICATIONS, decisions, readApplication, watchedCalls } from './rehearsal/applications.ts';
import { playControllers } from './rehearsal/controllers.ts';
import { messagesOfIstioctl } from './rehearsal/istioctl.ts';
import { readPaths } from './rehearsal/paths.ts';
import { playerFor, record, rehearse, takeWebhooksOut, type Rehearsal } from './rehearsal/rehearse.ts';
import { openCluster, type Cluster } from './support/cluster.ts';
import { loadWorld } from './support/load-world.ts';
import { live, meshwise } from './support/meshwise.ts';
import { kindOf } from '../../src/domain/kubernetes/object.ts';
import { asText, at, type JsonObject } from '../../src/lib/json.ts';

const TARGETS = ['istio-sidecar', 'istio-ambient', 'linkerd'] as const;
/** Nothing is injected while the pods of the start are made. */
const NOT_YET = { version: '1.31.1', revision: 'default' };
const HALF_AN_HOUR = 1_800_000;

describe.skipIf(inject('skipped') !== '').each(TARGETS)('the rollout of %s in the demo cluster', (target) => {
  let rehearsal: Rehearsal;
  beforeAll(async () => {
    const cluster = await openCluster(inject('server'));
    await cluster.load('demo');
    const webhooks = await takeWebhooksOut(cluster);
    const demo = await openFiles({ demo: true });
    const beside = target === 'linkerd' ? ['--coexist-with', 'istio'] : [];
    const played = await playerFor(cluster, ['--demo', '--target', target, ...beside]);
    rehearsal = { ...played, webhooks, start: demo.world, calls: demo.graph.calls };
  });
  afterAll(() => rehearsal.player.cluster.stop());

  it('is looked at by istioctl, which has something to say of the demo', async () => {
    expect(await messagesOfIstioctl(rehearsal.player, inject('istioctl'))).not.toEqual([]);
  });

  it(
    'is applied, undone and applied again stage by stage, and the server holds what was simulated',
    async () => {
      const rehearsed = await rehearse(rehearsal);
      process.stderr.write(record(rehearsal, rehearsed));
      const kinds = rehearsed.played.map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['enrol', 'strict', 'deny']));
    },
    HALF_AN_HOUR,
  );
});

/** Twelve more clusters of their own take a quarter of an hour, so they are asked for. */
const corpus = process.env['MESHWISE_REHEARSE'] === 'applications' ? process.env['MESHWISE_CORPUS'] : undefined;
const onApplications = TARGETS.flatMap((target) => APPLICATIONS.map((application) => ({ target, ...application })));

describe.skipIf(inject('skipped') !== '' || corpus === undefined).each(onApplications)(
  'the rollout of $target, from no mesh, in a cluster with $title',
  ({ target, ...application }) => {
    let rehearsal: Rehearsal;
    beforeAll(async () => {
      const cluster = await openCluster(inject('server'));
      const objects = readApplication(corpus ?? '', application);
      await loadRunning(cluster, objects);
      const watched = path.join(cluster.folder, 'calls.csv');
      writeFileSync(watched, watchedCalls(application, objects, new Date()));
      const snapshot = path.join(cluster.folder, 'start.jsonl.gz');
      const read = await meshwise([
        'inventory',
        ...live(cluster.reader),
        '--calls',
        watched,
        '--save',
        snapshot,
        '-o',
        'json',
      ]);
      if (read.status !== 0) throw new Error(read.stderr);
      const start = await openFiles({ filename: [snapshot] });
      const config = path.join(cluster.folder, 'meshwise.yaml');
      writeFileSync(config, decisions(application));
      const played = await playerFor(cluster, ['-f', snapshot, '--target', target, '--config', config]);
      rehearsal = { ...played, webhooks: [], start: start.world, calls: start.graph.calls };
    });
    afterAll(() => rehearsal.player.cluster.stop());

    it(
      'is applied, undone and applied again stage by stage, and the server holds what was simulated',
      async () => {
        const rehearsed = await rehearse(rehearsal);
        process.stderr.write(`${application.title}, ${record(rehearsal, rehearsed)}`);
        const kinds = rehearsed.played.map(({ kind }) => kind);
        expect(rehearsal.plan.stages.filter(({ state }) => state === 'blocked' || state === 'outline')).toEqual([]);
        expect(kinds).toEqual(expect.arrayContaining(['control-plane', 'enrol', 'strict', 'deny']));
      },
      HALF_AN_HOUR,
    );
  },
);

/** Loads the objects, and makes the pods of all that run some. */
async function loadRunning(cluster: Cluster, objects: readonly JsonObject[]): Promise<void> {
  await loadWorld(cluster.kube, objects);
  const controllers = playControllers(cluster.kube, await readPaths(cluster.kube), NOT_YET);
  for (const object of objects) {
    const { apiVersion, kind } = { apiVersion: String(object['apiVersion']), kind: String(object['kind']) };
    if (!/^(Deployment|StatefulSet|DaemonSet)$/.test(kind)) continue;
    const [name, namespace] = [at(object, 'metadata', 'name'), at(object, 'metadata', 'namespace')].map(asText);
    await controllers.remakePods({ kind: kindOf({ apiVersion, kind }), namespace: namespace ?? '', name: name ?? '' });
  }
}
