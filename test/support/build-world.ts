import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { kindOf, type Kind, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { asObject, at } from '../../src/lib/json.ts';
import { admit } from '../../src/domain/world/admit.ts';
import type { Basis, CoverageEntry } from '../../src/domain/world/coverage.ts';
import { known, unknown } from '../../src/domain/world/fact.ts';
import { foldPods } from '../../src/domain/world/fold-pods.ts';
import { makeWorld } from '../../src/domain/world/object-world.ts';
import type { World } from '../../src/domain/world/world.ts';

/** What of a world is not as usual: read live, whole, without Istio's kinds unless an object of them is given. */
export interface WorldOptions {
  readonly basis?: Basis;
  readonly kubernetesVersion?: string;
  /** Kinds that could not be read. */
  readonly forbidden?: readonly Kind[];
  /** Gives each controller one running pod that looks like its template. On by default for a live world. */
  readonly pods?: boolean;
}

const OPTIONAL_GROUPS = /istio\.io|linkerd\.io|monitoring\.coreos\.com|argoproj\.io|flagger\.app|gateway\.networking/;
const RUNNING: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** A world of plain manifests (`apiVersion`, `kind`, `metadata`, `spec`), as a reader would have made it. */
export function worldFrom(manifests: readonly JsonObject[], options: WorldOptions = {}): World {
  const basis = options.basis ?? 'live';
  const objects = manifests.map(toObject);
  const withPods = options.pods ?? basis === 'live';
  const running = withPods ? objects.filter(({ kind }) => RUNNING.has(kind)) : [];
  const replicaSets = running.filter(({ kind }) => kind === 'Deployment').map(replicaSetOf);
  const all = foldPods([...objects, ...replicaSets, ...running.map(podOf)]);
  const facts = {
    coverage: { basis, entries: basis === 'live' ? coverage(all, options.forbidden ?? []) : [] },
    cluster: 'test',
    asOf: known('2026-11-01T00:00:00Z'),
    kubernetesVersion:
      basis === 'live' ? known(options.kubernetesVersion ?? 'v1.34.2') : unknown('manifests name none'),
  };
  return makeWorld(facts, all);
}

function toObject(manifest: JsonObject): KubeObject {
  const raw = basicFields(manifest);
  const admitted = admit(raw, { from: 'read' }, (text) => JSON.parse(text) as unknown);
  if (!('object' in admitted)) throw new Error(`not admitted: ${JSON.stringify(manifest)}`);
  return admitted.object;
}

function basicFields(manifest: JsonObject): JsonObject {
  return { ...manifest, metadata: { creationTimestamp: '2026-01-01T00:00:00Z', ...asObject(manifest['metadata']) } };
}

function replicaSetOf({ metadata, spec }: KubeObject): KubeObject {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name, controller: true };
  return toObject({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${metadata.name}-abc`, namespace: metadata.namespace, ownerReferences: [owner] },
    spec: { replicas: 2, template: at(spec, 'template') },
  });
}

function podOf(controller: KubeObject): KubeObject {
  const { name, namespace } = controller.metadata;
  const template = at(controller.spec, 'template');
  const labels = asObject(at(template, 'metadata', 'labels')) ?? {};
  const isDeployment = controller.kind === 'Deployment';
  const owner = isDeployment
    ? { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-abc`, controller: true }
    : { apiVersion: 'apps/v1', kind: controller.kind, name, controller: true };
  return toObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-abc-1`,
      namespace,
      labels: isDeployment ? { ...labels, 'pod-template-hash': 'abc' } : labels,
      annotations: at(template, 'metadata', 'annotations') ?? {},
      ownerReferences: [owner],
    },
    spec: at(template, 'spec'),
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

function coverage(objects: readonly KubeObject[], forbidden: readonly Kind[]): readonly CoverageEntry[] {
  const found = new Set(objects.map(kindOf));
  const istioKinds = [...found].some((kind) => kind.includes('istio.io/'));
  const kinds = new Set<Kind>([...Object.values(KIND), 'telemetry.istio.io/Telemetry', ...found]);
  return [...kinds].sort().map((kind): CoverageEntry => {
    const count = objects.filter((object) => kindOf(object) === kind).length;
    if (forbidden.includes(kind)) return { kind, state: 'forbidden', objects: 0 };
    const isAbsent = OPTIONAL_GROUPS.test(kind) && !found.has(kind) && !(istioKinds && kind.includes('istio.io/'));
    return { kind, state: isAbsent ? 'absent' : 'read', objects: count };
  });
}

/** A Namespace. */
export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A Node whose kubelet has that version. */
export function node(name: string, kubeletVersion = 'v1.34.2'): JsonObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { nodeInfo: { kubeletVersion } } };
}

/** What of a workload is not as usual. */
export interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly port?: number;
  readonly portName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly podSpec?: JsonObject;
  readonly container?: JsonObject;
  readonly serviceAccount?: string;
}

/** A workload with one container that listens at one port (8080), and a ServiceAccount of its own name. */
export function workload(namespaceName: string, name: string, options: WorkloadOptions = {}): JsonObject {
  const labels = { app: name };
  const port = { containerPort: options.port ?? 8080 };
  return {
    apiVersion: 'apps/v1',
    kind: options.kind ?? 'Deployment',
    metadata: { name, namespace: namespaceName },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...options.labels } },
        spec: {
          serviceAccountName: options.serviceAccount ?? name,
          containers: [{ name: 'app', image: `example.com/${name}:1`, ports: [port], ...options.container }],
          ...options.podSpec,
        },
      },
    },
  };
}

/** A CronJob that runs at the schedule. */
export function cronJob(namespaceName: string, name: string, schedule = '0 3 * * *'): JsonObject {
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      serviceAccountName: name,
      restartPolicy: 'Never',
      containers: [{ name: 'job', image: `example.com/${name}:1` }],
    },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: namespaceName },
    spec: { schedule, jobTemplate: { spec: { template } } },
  };
}

/** A Service before the workload of its name: port 80, named `http`, to 8080. */
export function service(namespaceName: string, name: string, port: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: namespaceName },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, ...port }] },
  };
}
