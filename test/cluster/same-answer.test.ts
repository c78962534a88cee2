import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { asObjects, type JsonObject } from '../../src/lib/json.ts';
import { podLists, requestsOfProgram, trespasses } from './support/audit.ts';
import { dumpTo, openCluster, type Cluster } from './support/cluster.ts';
import { serverOf } from './support/disturbed.ts';
import { inventory, inventoryText, live } from './support/meshwise.ts';

const elsewhere = process.env['MESHWISE_TEST_KUBECONFIG'] !== undefined;

describe.skipIf(inject('skipped') !== '').each(['demo', 'istio', 'linkerd'])(
  'the world %s by API, by files and by snapshot',
  (world) => {
    let cluster: Cluster;
    let byApi: JsonObject;
    let snapshot = '';
    beforeAll(async () => {
      cluster = await openCluster(inject('server'));
      await cluster.load(world);
      snapshot = path.join(cluster.folder, 'world.jsonl.gz');
      byApi = await inventory([...live(cluster.reader), '--save', snapshot]);
    });
    afterAll(() => cluster.stop());

    it('has workloads', () => {
      expect(asObjects(byApi['workloads']).length).toBeGreaterThan(5);
    });

    it('is the same from the snapshot, but for the basis', async () => {
      const bySnapshot = await inventory(['-f', snapshot]);
      expect(bytes(bySnapshot, ['basis'])).toBe(bytes(byApi, ['basis']));
    });

    it('is the same from what kubectl gives, but for the basis, the name, and ConfigMaps that nobody names', async () => {
      const folder = mkdtempSync(path.join(cluster.folder, 'dump-'));
      await dumpTo(cluster, folder);
      const byFiles = await inventory(['-f', folder]);
      expect(bytes(headless(byFiles))).toBe(bytes(headless(byApi)));
      expect(readKinds(byFiles)).toEqual(readKinds(byApi));
    });

    it('is the same when it is read again', async () => {
      const again = await inventoryText(live(cluster.reader));
      expect(bytes(JSON.parse(again) as JsonObject)).toBe(bytes(byApi));
    });

    it.skipIf(elsewhere)('is read by get, list and watch, and without Secrets', () => {
      const requests = requestsOfProgram(serverOf(cluster));
      expect(podLists(requests)).toBe(2);
      expect(trespasses(requests)).toEqual([]);
    });
  },
);

/** The document as text, without what the moment or the way of reading decides. */
function bytes(document: JsonObject, without: readonly string[] = []): string {
  const dropped = ['taken', ...without];
  return JSON.stringify(
    Object.fromEntries(Object.entries(document).filter(([field]) => !dropped.includes(field))),
    undefined,
    1,
  );
}

/** Without how it was read: by files there is no context's name, and reasons speak of files. */
function headless(document: JsonObject): JsonObject {
  const { cluster, ...rest } = document;
  const platform = Object.entries((cluster ?? {}) as JsonObject).filter(([field]) => field !== 'name');
  const dropped = ['basis', 'coverage'];
  const body = Object.entries(rest).filter(([field]) => !dropped.includes(field));
  return Object.fromEntries([...body, ['cluster', Object.fromEntries(platform)]]);
}

/** Kinds that rules name. What rollouts write beside them is asked of an API server, and files need not speak of it. */
const NAMED: ReadonlySet<unknown> = new Set<unknown>(Object.values(KIND));

/** Kind, state and number; ConfigMaps are by name from an API server and all of them from files. */
function readKinds(document: JsonObject): readonly string[] {
  return asObjects(document['coverage'])
    .filter(({ kind }) => NAMED.has(kind) && kind !== 'ConfigMap')
    .map(({ kind, state, objects }) => `${String(kind)} ${String(state)} ${String(objects)}`);
}
