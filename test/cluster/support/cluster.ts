import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { kindOf } from '../../../src/domain/kubernetes/object.ts';
import { ASKED_KINDS } from '../../../src/domain/world/asked-kinds.ts';
import { asObjects, type JsonObject } from '../../../src/lib/json.ts';
import { openKube, pathOf, typeOf, type Kube } from './kube.ts';
import { gatewayApiCrds, istioCrds, linkerdCrds } from './crds.ts';
import { installCrds, loadWorld } from './load-world.ts';
import { EVERYTHING, makeReader, READERS_NAMESPACE } from './readers.ts';
import { run } from './run.ts';
import { onlyOwn, refuseNamespaceThatIsThere, removeOwn } from './somebodys-cluster.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { readWorld } from './worlds.ts';

/** A cluster that tests may do with as they like, with the meshes' CRDs installed. */
export interface Cluster {
  readonly kube: Kube;
  /** The program that has kubectl. */
  readonly program: string;
  /** Of the administrator. */
  readonly kubeconfig: string;
  /** Kubeconfig of a user that may do everything and that only the program has: the audit log tells the two apart. */
  readonly reader: string;
  /** What the cluster runs on, where it is ours and not one that somebody named. */
  readonly server: TestServer | undefined;
  /** For files of the tests; removed at the end. */
  readonly folder: string;
  load(world: string): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the cluster that `MESHWISE_TEST_KUBECONFIG` names, else a new one of our own. */
export async function openCluster(program: string): Promise<Cluster> {
  const given = process.env['MESHWISE_TEST_KUBECONFIG'];
  const server = given === undefined ? await startTestServer(program) : undefined;
  const kubeconfig = server?.kubeconfig ?? given ?? '';
  const kube = await openKube(kubeconfig);
  const folder = mkdtempSync(path.join(tmpdir(), 'meshwise-cluster-files-'));
  const loaded: JsonObject[] = [];
  if (given !== undefined) await refuseNamespaceThatIsThere(kube, READERS_NAMESPACE);
  const sources = await Promise.all([istioCrds(), gatewayApiCrds(), linkerdCrds(program)]);
  await installCrds(
    kube,
    sources.flatMap(({ crds }) => crds),
  );
  const reader = await makeReader({ kube, kubeconfig, folder }, 'may-all', EVERYTHING);
  return {
    kube,
    program,
    kubeconfig,
    reader,
    server,
    folder,
    load: async (name) => {
      const world = given === undefined ? readWorld(name) : await onlyOwn(kube, readWorld(name));
      loaded.push(...world);
      await loadWorld(kube, world);
    },
    stop: async () => {
      if (given !== undefined) await removeOwn(kube, loaded);
      kube.close();
      rmSync(folder, { recursive: true, force: true });
      await server?.stop();
    },
  };
}

/**
 * Writes what `kubectl get` gives of the kinds that are read from a live cluster: one list of all objects over all
 * namespaces, the empty lists, and the version as support bundles have it.
 */
export async function dumpTo(cluster: Cluster, folder: string): Promise<void> {
  const wanted = new Set<string>(ASKED_KINDS);
  const resources = (await cluster.kube.resources()).filter(({ apiVersion, kind, listable }) => {
    return listable && wanted.has(kindOf({ apiVersion, kind }));
  });
  const types = resources.map(typeOf).join(',');
  writeFileSync(path.join(folder, 'all.yaml'), await kubectl(cluster, ['get', types, '-A', '-o', 'yaml']));
  for (const resource of resources) {
    const list = await cluster.kube.get(pathOf(resource));
    if (asObjects(list['items']).length > 0) continue;
    writeFileSync(path.join(folder, `empty-${typeOf(resource)}.json`), JSON.stringify(list));
  }
  const version = { info: await cluster.kube.get('/version') };
  writeFileSync(path.join(folder, 'cluster_version.json'), JSON.stringify(version));
}

/** What kubectl writes, as the administrator; throws where it fails. */
export async function kubectl(cluster: Cluster, args: readonly string[]): Promise<string> {
  const ended = await run(cluster.program, ['kubectl', '--kubeconfig', cluster.kubeconfig, ...args]);
  if (ended.status !== 0) throw new Error(`kubectl ${args.slice(0, 3).join(' ')}: ${ended.stderr.slice(0, 3000)}`);
  return ended.stdout;
}
