import { asText, at, type JsonObject } from '../../../src/lib/json.ts';
import type { Kube } from './kube.ts';
import { asItems, until } from './load-world.ts';
import { READERS_NAMESPACE, removeRights } from './readers.ts';

/** Every cluster has them; what a world has in them is not loaded into somebody's cluster. */
const OF_THE_CLUSTER = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
/** Pods on nodes that are not there are removed by a collector that comes by twice a minute. */
const GONE_WITHIN_SECONDS = 240;

/** What of a world may be loaded into somebody's cluster: CRDs, namespaces that are not there, and what lies in those. */
export async function onlyOwn(kube: Kube, world: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const own = world.flatMap(asItems).filter((object) => {
    const namespace = object['kind'] === 'Namespace' ? nameOf(object) : asText(at(object, 'metadata', 'namespace'));
    if (namespace === undefined) return object['kind'] === 'CustomResourceDefinition';
    return !OF_THE_CLUSTER.includes(namespace);
  });
  for (const namespace of namespacesOf(own)) await refuseNamespaceThatIsThere(kube, namespace);
  return own;
}

/** Throws where the cluster has the namespace, which is then not ours to fill and to remove. */
export async function refuseNamespaceThatIsThere(kube: Kube, name: string): Promise<void> {
  const { status } = await kube.send('GET', `/api/v1/namespaces/${name}`);
  if (status !== 404) throw new Error(`the cluster has a namespace ${name} already; only our own are touched`);
}

/** Removes from somebody's cluster all that was made there but CRDs, and waits for it: the next tests make it anew. */
export async function removeOwn(kube: Kube, loaded: readonly JsonObject[]): Promise<void> {
  await removeRights(kube);
  const paths = [...namespacesOf(loaded), READERS_NAMESPACE].map((name) => `/api/v1/namespaces/${name}`);
  for (const path of paths) await kube.send('DELETE', path);
  for (const path of paths) {
    const gone = async (): Promise<boolean> => (await kube.send('GET', path)).status === 404;
    await until(gone, `the cluster has not removed ${path} yet`, GONE_WITHIN_SECONDS);
  }
}

function namespacesOf(objects: readonly JsonObject[]): readonly string[] {
  return objects.filter(({ kind }) => kind === 'Namespace').map(nameOf);
}

function nameOf(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}
