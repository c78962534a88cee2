import { asNumber, asObject, asObjects, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import type { ObjectRef } from '../../../src/domain/kubernetes/object.ts';
import { pathOf, type Kube } from '../support/kube.ts';
import { injectedPod, isAmbient, type PlayedInjectors } from './injector.ts';
import { pathOfRef, type Paths } from './paths.ts';

/** Plays the controllers, the injectors and ambient's agent, which this cluster does not have. */
export interface Controllers {
  /** Makes the pods of a workload anew from its template, with the proxy that the template or its namespace asks for. */
  remakePods(workload: ObjectRef): Promise<void>;
  /** Lets ambient's agent look at the pods of a namespace again. */
  captureAgain(namespace: string): Promise<void>;
}

/** Counts on over all players of a cluster, so that no name comes twice. */
let generation = 0;

/** Controllers of one cluster. */
export function playControllers(kube: Kube, paths: Paths, played: PlayedInjectors): Controllers {
  async function podsOf(namespace: string, owners: ReadonlySet<string>): Promise<readonly JsonObject[]> {
    const list = await kube.get(pathOf(paths.resource('v1', 'Pod'), namespace));
    return asObjects(list['items']).filter((pod) => ownerUids(pod).some((uid) => owners.has(uid)));
  }

  async function replicaSetsOf(namespace: string, uid: string): Promise<readonly JsonObject[]> {
    const list = await kube.get(pathOf(paths.resource('apps/v1', 'ReplicaSet'), namespace));
    return asObjects(list['items']).filter((set) => ownerUids(set).includes(uid));
  }

  async function remove(apiVersion: string, kind: string, object: JsonObject): Promise<void> {
    const path = pathOf(paths.resource(apiVersion, kind), asText(at(object, 'metadata', 'namespace')), nameOf(object));
    const { status } = await kube.send('DELETE', `${path}?gracePeriodSeconds=0`);
    if (status !== 200 && status !== 202)
      throw new Error(`${kind} ${nameOf(object)} is not deleted: ${String(status)}`);
  }

  async function remakePods(ref: ObjectRef): Promise<void> {
    const namespace = ref.namespace ?? '';
    const workload = { ...(await kube.get(pathOfRef(paths, ref))), ...kindAndVersion(paths, ref) };
    const uid = asText(at(workload, 'metadata', 'uid')) ?? '';
    const sets = ref.kind === 'apps/Deployment' ? await replicaSetsOf(namespace, uid) : [];
    const old = await podsOf(namespace, new Set([uid, ...sets.map((set) => asText(at(set, 'metadata', 'uid')) ?? '')]));
    generation += 1;
    const owner = ref.kind === 'apps/Deployment' ? await nextReplicaSet(workload, generation) : workload;
    for (const pod of old) await remove('v1', 'Pod', pod);
    for (const set of sets) await remove('apps/v1', 'ReplicaSet', set);
    const asked = asNumber(at(workload, 'spec', 'replicas'));
    const nodes = await nodeNames();
    const count = ref.kind === 'apps/DaemonSet' && old.length === 0 ? nodes.length : (asked ?? Math.max(1, old.length));
    const labels = asObject(at(await kube.get(`/api/v1/namespaces/${namespace}`), 'metadata')) ?? {};
    await countQuotasAnew(namespace);
    for (let pod = 0; pod < count; pod += 1) {
      const made = injectedPod(owner, labels, { played, number: { pod, index: generation % 250 } });
      await create(
        uniquePod(made, owner, {
          pod,
          generation,
          node: asText(at(old[pod % Math.max(1, old.length)], 'spec', 'nodeName')) ?? nodes[pod % nodes.length],
        }),
      );
    }
    await tellStatus(ref, workload, count);
  }

  async function nodeNames(): Promise<readonly string[]> {
    return asObjects((await kube.get('/api/v1/nodes'))['items']).map(nameOf);
  }

  /** The quota controller gives back what deleted pods had used; whether there is room is not what is rehearsed. */
  async function countQuotasAnew(namespace: string): Promise<void> {
    const resource = paths.resource('v1', 'ResourceQuota');
    for (const quota of asObjects((await kube.get(pathOf(resource, namespace)))['items'])) {
      const hard = asObject(at(quota, 'spec', 'hard')) ?? {};
      const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
      const { name } = asObject(quota['metadata']) ?? {};
      await kube.apply(`${pathOf(resource, namespace, String(name))}/status`, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name, namespace },
        status: { hard, used },
      });
    }
  }

  async function nextReplicaSet(deployment: JsonObject, number: number): Promise<JsonObject> {
    const { name, namespace, uid } = asObject(deployment['metadata']) ?? {};
    const hash = `test${String(number).padStart(5, '0')}`;
    const template = asObject(at(deployment, 'spec', 'template')) ?? {};
    const labels = { ...asObject(at(template, 'metadata', 'labels')), 'pod-template-hash': hash };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...{ name: `${String(name)}-${hash}`, namespace, labels },
        annotations: { 'deployment.kubernetes.io/revision': String(100 + number) },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
      },
      spec: {
        replicas: asNumber(at(deployment, 'spec', 'replicas')) ?? 1,
        selector: { matchLabels: labels },
        template: { ...template, metadata: { ...asObject(template['metadata']), labels } },
      },
    };
    const made = await create(set);
    return { ...set, metadata: { ...set.metadata, uid: at(made, 'metadata', 'uid') } };
  }

  async function create(object: JsonObject): Promise<JsonObject> {
    const { status, ...rest } = object;
    const path = pathOf(
      paths.resource(String(object['apiVersion']), String(object['kind'])),
      asText(at(object, 'metadata', 'namespace')),
      nameOf(object),
    );
    const made = await kube.apply(path, rest);
    if (asObject(status) === undefined) return made;
    const { apiVersion, kind } = object;
    const { name, namespace } = asObject(object['metadata']) ?? {};
    await kube.apply(`${path}/status`, { apiVersion, kind, metadata: { name, namespace }, status });
    return made;
  }

  /** What a controller writes once all pods are there and ready. */
  async function tellStatus(ref: ObjectRef, workload: JsonObject, count: number): Promise<void> {
    const generationNow = asNumber(at(await kube.get(pathOfRef(paths, ref)), 'metadata', 'generation')) ?? 1;
    const status =
      ref.kind === 'apps/DaemonSet'
        ? {
            desiredNumberScheduled: count,
            currentNumberScheduled: count,
            numberMisscheduled: 0,
            updatedNumberScheduled: count,
            numberReady: count,
            numberAvailable: count,
          }
        : { replicas: count, updatedReplicas: count, readyReplicas: count, availableReplicas: count };
    const { name, namespace } = asObject(workload['metadata']) ?? {};
    await kube.apply(`${pathOfRef(paths, ref)}/status`, {
      ...kindAndVersion(paths, ref),
      metadata: { name, namespace },
      status: { ...status, observedGeneration: generationNow },
    });
  }

  async function captureAgain(namespace: string): Promise<void> {
    const meta = asObject(at(await kube.get(`/api/v1/namespaces/${namespace}`), 'metadata')) ?? {};
    const list = await kube.get(pathOf(paths.resource('v1', 'Pod'), namespace));
    for (const pod of asObjects(list['items'])) {
      if (asText(at(pod, 'metadata', 'annotations', 'sidecar.istio.io/status')) !== undefined) continue;
      const wanted = isAmbient(asObject(pod['metadata']) ?? {}, meta) && at(pod, 'spec', 'hostNetwork') !== true;
      const path = pathOf(paths.resource('v1', 'Pod'), namespace, nameOf(pod));
      const { name } = asObject(pod['metadata']) ?? {};
      const annotations = wanted ? { 'ambient.istio.io/redirection': 'enabled' } : {};
      // By a manager of its own, as the agent does; what it no longer names goes.
      const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, annotations } };
      await kube.send('PATCH', `${path}?fieldManager=ambient-agent&force=true`, body);
    }
  }

  return { remakePods, captureAgain };
}

interface Made {
  readonly pod: number;
  readonly generation: number;
  readonly node: string | undefined;
}

/** The pod with a name that no pod had before, and its owner's real UID. */
function uniquePod(pod: JsonObject, owner: JsonObject, { pod: number, generation, node }: Made): JsonObject {
  const { name, uid } = asObject(owner['metadata']) ?? {};
  const metadata = {
    ...asObject(pod['metadata']),
    name: `${String(name)}-${String(generation)}-${String(number)}`,
    ownerReferences: [{ apiVersion: owner['apiVersion'], kind: owner['kind'], name, uid, controller: true }],
  };
  const claims = asObjects(at(owner, 'spec', 'volumeClaimTemplates')).map((claim) => {
    return { name: nameOf(claim), persistentVolumeClaim: { claimName: `${nameOf(claim)}-${metadata.name}` } };
  });
  const written = asObject(pod['spec']) ?? {};
  const volumes = claims.length === 0 ? {} : { volumes: [...asObjects(written['volumes']), ...claims] };
  const spec = { ...written, ...volumes, ...(node === undefined ? {} : { nodeName: node }) };
  return { ...pod, metadata, spec };
}

function kindAndVersion(paths: Paths, ref: ObjectRef): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind } = paths.ofKind(ref.kind);
  return { apiVersion, kind };
}

function ownerUids(object: JsonObject): readonly string[] {
  return asObjects(at(object, 'metadata', 'ownerReferences')).map(({ uid }) => asText(uid) ?? '');
}

function nameOf(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}
