import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { TrapId } from '../../../src/domain/rollout/choices.ts';
import { asObject, asText, at, type JsonObject } from '../../../src/lib/json.ts';

/** An application of the corpus, and what of it is loaded. */
export interface Application {
  readonly title: string;
  /** A file or a folder below the corpus. */
  readonly path: string;
  /** Whom each client calls, as `service:port/protocol`: no variable that is read from a cluster names all of it. */
  readonly calls: Readonly<Record<string, string>>;
  /** Workloads with a port that a Service lists and nobody calls, which somebody has to vouch for. */
  readonly waived?: readonly string[];
  /** Traps that objects of a workload show, and that somebody accepts. */
  readonly traps?: Readonly<Record<string, TrapId>>;
}

/** The applications that rollouts are rehearsed with where the corpus is at hand. */
export const APPLICATIONS: readonly Application[] = [
  {
    title: 'Online Boutique',
    path: 'online-boutique/release/kubernetes-manifests.yaml',
    calls: {
      'load-balancer': 'frontend-external:80/http',
      loadgenerator: 'frontend:80/http',
      frontend:
        'adservice:9555/grpc cartservice:7070/grpc checkoutservice:5050/grpc currencyservice:7000/grpc ' +
        'productcatalogservice:3550/grpc recommendationservice:8080/grpc shippingservice:50051/grpc',
      checkoutservice:
        'cartservice:7070/grpc currencyservice:7000/grpc emailservice:5000/grpc paymentservice:50051/grpc ' +
        'productcatalogservice:3550/grpc shippingservice:50051/grpc',
      recommendationservice: 'productcatalogservice:3550/grpc',
      cartservice: 'redis-cart:6379/redis',
    },
    traps: { 'shop/Deployment/redis-cart': 'P12' },
  },
  {
    title: 'Bookinfo',
    path: 'istio-samples/bookinfo/platform/kube/bookinfo.yaml',
    calls: {
      'ratings-v1': 'productpage:9080/http',
      'productpage-v1': 'details:9080/http reviews:9080/http',
      'reviews-v2': 'ratings:9080/http',
      'reviews-v3': 'ratings:9080/http',
    },
  },
  {
    title: 'Bank of Anthos',
    path: 'bank-of-anthos',
    calls: {
      'load-balancer': 'frontend:80/http',
      loadgenerator: 'frontend:80/http',
      frontend:
        'userservice:8080/http contacts:8080/http ledgerwriter:8080/http balancereader:8080/http ' +
        'transactionhistory:8080/http',
      ledgerwriter: 'balancereader:8080/http ledger-db:5432/postgres',
      balancereader: 'ledger-db:5432/postgres',
      transactionhistory: 'ledger-db:5432/postgres',
      userservice: 'accounts-db:5432/postgres',
      contacts: 'accounts-db:5432/postgres',
    },
  },
  {
    title: 'Emojivoto',
    path: 'emojivoto/rendered/deployment.yaml',
    calls: { 'vote-bot': 'web-svc:80/http', web: 'emoji-svc:8080/grpc voting-svc:8080/grpc' },
    waived: ['emojivoto/Deployment/emoji', 'emojivoto/Deployment/voting'],
  },
];

const DAY = 86_400_000;

/** What somebody decided about the application, as meshwise.yaml. */
export function decisions({ waived = [], traps = {} }: Application): string {
  const word = { owner: 'test', expires: '2099-01-01' };
  const waivers = waived.map((what) => ({ what, reason: 'its metrics are read by nobody', ...word }));
  const accepted = Object.entries(traps).map(([what, trap]) => {
    return { trap, what, reason: 'its probe proves that the process is there', ...word };
  });
  return JSON.stringify({ plan: { waivers, traps: accepted } });
}

/** The calls of an application as a file for `--calls`: watched over the ten days before that time, by who sees all. */
export function watchedCalls({ calls }: Application, objects: readonly JsonObject[], until: Date): string {
  const homes = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const namespace = asText(at(homes[0], 'metadata', 'namespace')) ?? '';
  const rows = Object.entries(calls).flatMap(([client, servers]) =>
    servers.split(' ').map((server) => {
      const home = client === 'load-balancer' ? '' : namespace;
      return [home, client, namespace, ...server.split(/[:/]/), '100'].join(',');
    }),
  );
  return [
    `# window: ${new Date(until.getTime() - 10 * DAY).toISOString()}/${until.toISOString()}`,
    '# sees-unmeshed: true',
    'clientNamespace,client,serviceNamespace,service,port,protocol,count',
    ...rows,
  ].join('\n');
}

/** Nodes for the pods to be on: three, as the control planes ask for. */
const NODES: readonly JsonObject[] = ['node-1', 'node-2', 'node-3'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  status: {
    nodeInfo: {
      ...{ kubeletVersion: 'v1.36.3', kubeProxyVersion: 'v1.36.3', kernelVersion: '6.12.0', osImage: 'Debian' },
      ...{ containerRuntimeVersion: 'containerd://2.1.0', operatingSystem: 'linux', architecture: 'amd64' },
      ...{ machineID: name, systemUUID: name, bootID: name },
    },
    allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
    capacity: { cpu: '16', memory: '64Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
  },
}));

/** Kinds that the test server serves with their schemas and that applications of that kind are made of. */
const LOADED: ReadonlySet<string> = new Set([
  ...['Namespace', 'ServiceAccount', 'Service', 'ConfigMap', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'],
  ...['NetworkPolicy', 'Role', 'RoleBinding', 'HorizontalPodAutoscaler', 'PodDisruptionBudget'],
]);

const NAMESPACED = (kind: string): boolean => kind !== 'Namespace';

/** The manifests of an application, with the namespace `shop` where none is written, and that namespace itself. */
export function readApplication(corpus: string, application: Application): readonly JsonObject[] {
  const root = path.join(corpus, application.path);
  const files = statSync(root).isDirectory()
    ? readdirSync(root)
        .filter((file) => /\.ya?ml$/.test(file))
        .sort()
        .map((file) => path.join(root, file))
    : [root];
  const objects = files
    .filter((file) => existsSync(file))
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((document) => asObject(document.toJS({ maxAliasCount: -1 })))
    .filter((object) => object !== undefined)
    .filter(({ kind }) => LOADED.has(asText(kind) ?? ''))
    .map(inNamespace);
  const named = new Set(objects.map((object) => asText(at(object, 'metadata', 'namespace')) ?? ''));
  const there = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(nameOf));
  const missing = [...named].filter((name) => name !== '' && !there.has(name));
  return [...missing.map(namespace), ...NODES, ...objects];
}

function inNamespace(object: JsonObject): JsonObject {
  if (!NAMESPACED(asText(object['kind']) ?? '')) return object;
  const metadata = asObject(object['metadata']) ?? {};
  return { ...object, metadata: { ...metadata, namespace: asText(metadata['namespace']) ?? 'shop' } };
}

function namespace(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function nameOf(object: JsonObject): string {
  return asText(at(object, 'metadata', 'name')) ?? '';
}
