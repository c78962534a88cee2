import { asBoolean, asObjects, at } from '../../../lib/json.ts';
import { KIND, WORKLOAD_KINDS } from '../../kubernetes/kinds.ts';
import { kindOf, type Kind } from '../../kubernetes/object.ts';
import { controllerOf } from '../../world/workload-owners.ts';
import { cohortsOf, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import type { CoexistingMesh } from '../choices.ts';

const KNOWN_KINDS: ReadonlySet<Kind> = new Set<Kind>(WORKLOAD_KINDS);

/** Where operators take the labels and annotations of the pods that they make from, by the kind of their owner. */
const POD_METADATA_AT: Readonly<Record<string, string>> = {
  Prometheus: 'spec.podMetadata',
  Alertmanager: 'spec.podMetadata',
  ThanosRuler: 'spec.podMetadata',
  Kafka: 'spec.kafka.template.pod.metadata',
  KafkaNodePool: 'spec.template.pod.metadata',
  StrimziPodSet: 'spec.kafka.template.pod.metadata of the Kafka, or spec.template.pod.metadata of its KafkaNodePool',
  Elasticsearch: 'spec.nodeSets[].podTemplate.metadata',
  Kibana: 'spec.podTemplate.metadata',
  Cluster: 'spec.inheritedMetadata, if it is one of CloudNativePG',
  RabbitmqCluster: 'spec.override.statefulSet.spec.template.metadata',
  MongoDBCommunity: 'spec.statefulSet.spec.template.metadata',
  Revision: 'spec.template.metadata of the Knative Service',
  Canary: 'the pod template of the workload that the Canary targets, from which Flagger copies it when it promotes',
};

/**
 * Why no plan can change the pod template of a workload, or make all of its pods new; undefined where it can. `asked` is
 * what the template would carry, as `the label`.
 */
export function reasonToLeave(workload: Workload, asked: string): string | undefined {
  const { kind, object } = workload;
  if (kind === 'Pod') return `it is a pod that nobody owns: set ${asked} in its own manifest, and make it anew by hand`;
  const writer = controllerOf(object);
  if (object.kind === 'Pod') return unread(kind, asked);
  if (!KNOWN_KINDS.has(kindOf(object))) return 'its kind is not known here: enrol it by hand';
  if (isOver(workload)) return 'the Job has ended and makes no pods any more';
  if (kind === 'Job') return `a Job runs once and its template cannot be changed: set ${asked} in its source`;
  if (writer !== undefined) {
    const place = POD_METADATA_AT[writer.kind];
    const where = place === undefined ? 'there' : `there, in ${place}`;
    return `${writer.kind} ${writer.name} writes it and would take ${asked} away again: set it ${where}, and plan again when its pods are new`;
  }
  return heldByStrategy(workload);
}

/** Why a workload stays out for good where its pods run on Windows: no mesh has images of its proxy for it. */
export function reasonOnWindows({ template }: Workload): string | undefined {
  return template.os === 'windows' ? 'its pods run on Windows, where no proxy of the mesh does' : undefined;
}

/** Whether it is a Job that has ended, so that no label and no webhook meets a pod of it again. */
export function isOver({ kind, object }: Workload): boolean {
  return (
    kind === 'Job' &&
    asObjects(at(object.status, 'conditions')).some(
      ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
    )
  );
}

function unread(kind: string, asked: string): string {
  const place = POD_METADATA_AT[kind];
  const where = place === undefined ? '' : `: set ${asked} in ${place}, and plan again when its pods are new`;
  return `only its pods were read, not the object that makes them${where}`;
}

/** A rollout that does not reach all pods leaves old ones among the new for as long as nobody looks. */
function heldByStrategy({ kind, object }: Workload): string | undefined {
  if ((kind === 'Deployment' || kind === 'Rollout') && asBoolean(at(object.spec, 'paused')) === true) {
    return 'it is paused, so a restart reaches none of its pods: resume it (spec.paused: false), and plan again';
  }
  const partition = at(object.spec, 'updateStrategy', 'rollingUpdate', 'partition');
  if (kind !== 'StatefulSet' || partition === undefined || partition === null || partition === 0) return undefined;
  return 'updateStrategy.rollingUpdate.partition keeps a restart from some of its pods: set it to 0, and plan again';
}

/** The mesh that a plan rolls out; a workload is never in two. */
export type OwnMesh = 'istio' | 'linkerd';

const PROXIES: readonly (readonly [name: string, mesh: CoexistingMesh])[] = [
  ['istio-proxy', 'istio'],
  ['linkerd-proxy', 'linkerd'],
  ['consul-dataplane', 'consul'],
  ['kuma-sidecar', 'kuma'],
  ['envoy-sidecar', 'consul'],
];
const ASKS: readonly (readonly [key: string, wanted: RegExp, mesh: CoexistingMesh])[] = [
  ['sidecar.istio.io/inject', /^true$/, 'istio'],
  ['istio.io/dataplane-mode', /^ambient$/, 'istio'],
  ['linkerd.io/inject', /^(enabled|ingress)$/, 'linkerd'],
  ['consul.hashicorp.com/connect-inject', /^true$/, 'consul'],
  ['kuma.io/sidecar-injection', /^(enabled|true)$/, 'kuma'],
];

/** What shows on a workload itself that it is, or will be, in a mesh. */
export interface MeshSign {
  readonly mesh: CoexistingMesh;
  /** Whether its pods run that mesh's proxy, and do not only ask for one. */
  readonly runs: boolean;
  readonly reason: string;
}

/** Why the workload is, or will be, in a mesh that is not the plan's: two that redirect the same traffic shut each other out. */
export function reasonOfAnotherMesh(world: World, workload: Workload, own: OwnMesh): string | undefined {
  return signOfAnotherMesh(world, workload, own)?.reason;
}

/** The first sign of another mesh than the plan's; undefined where none shows. */
export function signOfAnotherMesh(world: World, workload: Workload, own: OwnMesh): MeshSign | undefined {
  const { namespace, template } = workload;
  const containers = cohortsOf(workload).flatMap(({ pod }) => [...pod.containers, ...pod.initContainers]);
  const proxy = PROXIES.find(([name, mesh]) => mesh !== own && containers.some((container) => container.name === name));
  if (proxy !== undefined) {
    return { mesh: proxy[1], runs: true, reason: `its pods run ${proxy[0]}, the sidecar of another mesh` };
  }
  const meta = world.get({ kind: KIND.namespace, name: namespace })?.metadata;
  const asked = { ...meta?.labels, ...meta?.annotations, ...template.labels, ...template.annotations };
  const found = ASKS.find(([key, wanted, mesh]) => mesh !== own && wanted.test(asked[key] ?? ''));
  return found === undefined
    ? undefined
    : { mesh: found[2], runs: false, reason: `${found[0]} asks another mesh to take it` };
}
