import type { JsonObject } from '../../../src/lib/json.ts';
import type { Kube } from './kube.ts';
import { inParallel, loadWorld } from './load-world.ts';

/** More pods than one page of a list holds. */
const PODS = 620;

/** Adds a namespace with one workload of so many pods that their list takes two pages. */
export async function loadCrowd(kube: Kube): Promise<void> {
  const template = {
    metadata: { labels: { app: 'many' } },
    spec: {
      containers: [{ name: 'many', image: 'registry.example.com/many:1.0.0', ports: [{ containerPort: 8080 }] }],
    },
  };
  const spec = { replicas: PODS, selector: { matchLabels: { app: 'many' } }, template };
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'many', namespace: 'crowd' }, spec };
  await loadWorld(kube, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crowd' } }, set]);
  const { metadata } = await kube.get('/apis/apps/v1/namespaces/crowd/replicasets/many');
  const uid = (metadata as JsonObject)['uid'];
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'many', controller: true, uid };
  const names = Array.from({ length: PODS }, (_, index) => `many-${String(index).padStart(4, '0')}`);
  await inParallel(names, async (name) => {
    const pod = { ...template, apiVersion: 'v1', kind: 'Pod' };
    const own = { ...template.metadata, name, namespace: 'crowd', ownerReferences: [owner] };
    const { status } = await kube.send('POST', '/api/v1/namespaces/crowd/pods', { ...pod, metadata: own });
    if (status !== 201) throw new Error(`pod ${name}: ${String(status)}`);
  });
}
