import { seededRandom } from '../../src/lib/seeded-random.ts';

/** How large the cluster is. */
export interface ClusterSize {
  readonly pods: number;
  readonly services: number;
  readonly nodes: number;
  readonly namespaces: number;
  /** AuthorizationPolicies; every namespace has one PeerAuthentication besides. */
  readonly policies: number;
  readonly seed: number;
  /** False: nothing in it is meshed; a third of the namespaces if absent. */
  readonly meshed?: boolean;
}

/** The objects of one kind, made one at a time so that a large cluster never stands in memory. */
export interface SyntheticKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly count: number;
  readonly objectAt: (index: number) => Readonly<Record<string, unknown>>;
}

const CREATED = '2026-11-01T08:00:00Z';

/**
 * A cluster of Deployments, one behind each Service, their pods dealt out evenly; a third of the namespaces is
 * labelled for Istio and carries sidecars. The same size gives the same objects.
 */
export function syntheticCluster(size: ClusterSize): readonly SyntheticKind[] {
  const { namespaces, services, nodes, pods, policies } = size;
  return [
    kind('v1', 'Namespace', { plural: 'namespaces', count: namespaces, objectAt: (index) => namespaceAt(index, size) }),
    kind('v1', 'Node', { plural: 'nodes', count: nodes, objectAt: (index) => nodeAt(index, size) }),
    kind('v1', 'Service', { plural: 'services', count: services, objectAt: (index) => serviceAt(index, size) }),
    kind('apps/v1', 'Deployment', {
      plural: 'deployments',
      count: services,
      objectAt: (index) => deploymentAt(index, size),
    }),
    kind('apps/v1', 'ReplicaSet', {
      plural: 'replicasets',
      count: services,
      objectAt: (index) => replicaSetAt(index, size),
    }),
    kind('v1', 'Pod', { plural: 'pods', count: pods, objectAt: (index) => podAt(index, size) }),
    kind('security.istio.io/v1', 'PeerAuthentication', {
      plural: 'peerauthentications',
      count: namespaces,
      objectAt: peerAuthenticationAt,
    }),
    kind('security.istio.io/v1', 'AuthorizationPolicy', {
      plural: 'authorizationpolicies',
      count: policies,
      objectAt: (index) => authorizationPolicyAt(index, size),
    }),
  ];
}

function kind(
  apiVersion: string,
  name: string,
  rest: Pick<SyntheticKind, 'plural' | 'count' | 'objectAt'>,
): SyntheticKind {
  return { apiVersion, kind: name, ...rest };
}

/** The name of a namespace. */
export const namespaceName = (index: number): string => `team-${String(index).padStart(4, '0')}`;
/** The name of an application, its Service and its account. */
export const applicationName = (index: number): string => `app-${String(index).padStart(5, '0')}`;
const isMeshed = (namespace: number, { meshed = true }: ClusterSize): boolean => meshed && namespace % 3 === 0;
/** The namespace that an application lives in. */
export const namespaceOf = (application: number, { namespaces }: ClusterSize): number => application % namespaces;

function namespaceAt(index: number, size: ClusterSize) {
  const labels = { 'kubernetes.io/metadata.name': namespaceName(index) };
  return {
    metadata: meta({
      name: namespaceName(index),
      labels: isMeshed(index, size) ? { ...labels, 'istio-injection': 'enabled' } : labels,
    }),
    status: { phase: 'Active' },
  };
}

function nodeAt(index: number, { seed }: ClusterSize) {
  const random = seededRandom(seed + index);
  const large = random() < 0.3;
  return {
    metadata: meta({
      name: `node-${String(index)}`,
      labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'topology.kubernetes.io/zone': 'zone-a' },
    }),
    spec: {
      providerID: `aws:///zone-a/i-${String(index)}`,
      podCIDR: `10.${String(index >> 8)}.${String(index & 255)}.0/24`,
    },
    status: {
      allocatable: { cpu: large ? '15890m' : '7910m', memory: large ? '60Gi' : '29Gi', pods: '110' },
      nodeInfo: { kubeletVersion: 'v1.34.2', osImage: 'Linux', architecture: 'amd64', operatingSystem: 'linux' },
      conditions: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        lastHeartbeatTime: CREATED,
        reason: `Kubelet${type}`,
        message: `the kubelet reports ${type}`,
      })),
      images: Array.from({ length: 20 }, (_, image) => ({
        names: [`registry.example.com/images/image-${String(image)}@sha256:${'0'.repeat(64)}`],
        sizeBytes: 50_000_000 + image,
      })),
    },
  };
}

function serviceAt(index: number, size: ClusterSize) {
  const name = applicationName(index);
  return {
    metadata: meta({ name, namespace: namespaceName(namespaceOf(index, size)), labels: { app: name } }),
    spec: {
      type: 'ClusterIP',
      clusterIP: `172.${String(16 + (index >> 16))}.${String((index >> 8) & 255)}.${String(index & 255)}`,
      selector: { app: name },
      ports: [{ name: 'http-web', port: 80, targetPort: 8080, protocol: 'TCP' }],
    },
  };
}

function templateOf(index: number, meshed: boolean) {
  const name = applicationName(index);
  const upstream = applicationName(index + 1);
  return {
    metadata: { labels: { app: name, version: 'v1', ...(meshed ? { 'security.istio.io/tlsMode': 'istio' } : {}) } },
    spec: {
      serviceAccountName: name,
      containers: [
        {
          name: 'main',
          image: `registry.example.com/${name}:1.0.0`,
          ports: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'UPSTREAM', value: `http://${upstream}:80` },
            { name: 'LOG_LEVEL', value: 'info' },
          ],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
          volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
        },
        ...(meshed ? [SIDECAR] : []),
      ],
      ...(meshed ? { initContainers: [INIT] } : {}),
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
  };
}

const INIT = {
  name: 'istio-init',
  image: 'docker.io/istio/proxyv2:1.30.4',
  args: ['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-b', '*'],
  securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
};

const SIDECAR = {
  name: 'istio-proxy',
  image: 'docker.io/istio/proxyv2:1.30.4',
  args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
  ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
  env: [
    { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
    { name: 'ISTIO_META_CLUSTER_ID', value: 'Kubernetes' },
  ],
  resources: { requests: { cpu: '100m', memory: '128Mi' } },
};

function deploymentAt(index: number, size: ClusterSize) {
  const name = applicationName(index);
  return {
    metadata: meta({ name, namespace: namespaceName(namespaceOf(index, size)), labels: { app: name } }),
    spec: {
      replicas: Math.ceil(size.pods / size.services),
      selector: { matchLabels: { app: name } },
      template: templateOf(index, false),
    },
  };
}

function replicaSetAt(index: number, size: ClusterSize) {
  const name = applicationName(index);
  const template = templateOf(index, false);
  return {
    metadata: {
      ...meta({ name: `${name}-5d4f8c7b9`, namespace: namespaceName(namespaceOf(index, size)), labels: { app: name } }),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: `d-${name}`, controller: true }],
    },
    spec: { replicas: Math.ceil(size.pods / size.services), selector: { matchLabels: { app: name } }, template },
  };
}

function podAt(index: number, size: ClusterSize) {
  const application = index % size.services;
  const namespace = namespaceOf(application, size);
  const name = applicationName(application);
  const template = templateOf(application, isMeshed(namespace, size));
  const hash = '5d4f8c7b9';
  const ip = `10.${String((index >> 16) & 255)}.${String((index >> 8) & 255)}.${String(index & 255)}`;
  const { labels, ...rest } = meta({
    name: `${name}-${hash}-${String(index)}`,
    namespace: namespaceName(namespace),
    labels: { ...template.metadata.labels, 'pod-template-hash': hash },
  });
  return {
    metadata: {
      ...rest,
      labels,
      generateName: `${name}-${hash}-`,
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}`, uid: `r-${name}`, controller: true },
      ],
      ...(isMeshed(namespace, size)
        ? {
            annotations: {
              'sidecar.istio.io/status': '{"initContainers":[],"containers":["istio-proxy"],"revision":"default"}',
            },
          }
        : {}),
    },
    spec: { ...template.spec, nodeName: `node-${String(index % size.nodes)}`, restartPolicy: 'Always' },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: CREATED,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: CREATED,
      })),
      containerStatuses: template.spec.containers.map((container) => ({
        name: container.name,
        image: container.image,
        imageID: `${container.image}@sha256:${'a'.repeat(64)}`,
        containerID: `containerd://${String(index).padStart(64, '0')}`,
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: CREATED } },
      })),
    },
  };
}

function peerAuthenticationAt(index: number) {
  return {
    metadata: meta({ name: 'default', namespace: namespaceName(index) }),
    spec: { mtls: { mode: index % 2 === 0 ? 'STRICT' : 'PERMISSIVE' } },
  };
}

function authorizationPolicyAt(index: number, size: ClusterSize) {
  const application = index % size.services;
  const namespace = namespaceName(namespaceOf(application, size));
  const caller = applicationName((application + size.services - 1) % size.services);
  return {
    metadata: meta({ name: `allow-${String(index)}`, namespace }),
    spec: {
      selector: { matchLabels: { app: applicationName(application) } },
      rules: [{ from: [{ source: { principals: [`cluster.local/ns/${namespace}/sa/${caller}`] } }] }],
    },
  };
}

function meta(fields: {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}) {
  const { name, namespace } = fields;
  return {
    ...fields,
    uid: `uid-${namespace ?? ''}-${name}`,
    resourceVersion: '1000',
    creationTimestamp: CREATED,
    managedFields: [
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        apiVersion: 'v1',
        time: CREATED,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {}, 'f:version': {} } },
          'f:spec': { 'f:containers': {} },
        },
      },
    ],
  };
}
