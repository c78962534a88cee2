import { containerPorts, servicesBefore } from '../../calls/find-services.ts';
import { fromWorkload, stateCall, toPodPort } from '../../calls/found-calls.ts';
import type { CallTarget } from '../../calls/call.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { keyOf, refOf } from '../../kubernetes/object.ts';
import type { Service } from '../../world/service.ts';
import type { Change } from '../../world/step.ts';
import { formatWorkload, type Workload } from '../../world/workload.ts';
import { workloadsIn } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { casualtyIssues } from '../casualty-issues.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { casualtyOf, type Casualty } from '../strict-casualties.ts';
import { whatIf } from '../what-if.ts';
import { workloadObject } from '../workload-object.ts';

/** Container ports that members of a cluster use among themselves, by image; the projects' defaults. */
const PEER_PORTS: readonly (readonly [RegExp, string, readonly number[]])[] = [
  [/(^|\/)cassandra([:@]|$)/, 'Cassandra', [7000]],
  [/(^|\/)(elasticsearch|opensearch)([:@]|$)/, 'Elasticsearch', [9300]],
  [/(^|\/)zookeeper([:@]|$)/, 'ZooKeeper', [2888, 3888]],
  [/(^|\/)redis-cluster([:@]|$)/, 'Redis Cluster', [16379]],
  [/(^|\/)rabbitmq([:@]|$)/, 'RabbitMQ', [4369, 25672]],
  [/(^|\/)etcd([:@]|$)/, 'etcd', [2380]],
  [/(^|\/)hazelcast([:@]|$)/, 'Hazelcast', [5701]],
  [/(^|\/)ignite([:@]|$)/, 'Ignite', [47500]],
  [/(^|\/)cockroach([:@]|$)/, 'CockroachDB', [26257]],
  [/(^|\/)mariadb-galera([:@]|$)/, 'Galera', [4444, 4567, 4568]],
];

/** Members of clustered datastores whose traffic among themselves STRICT would cut. */
export const clusteredStatefulPeerTraffic: Check = {
  id: 'clustered-stateful-peer-traffic',
  title: 'Clustered datastore talks to itself on ports that no Service declares',
  category: 'protocol',
  stages: ['permissive', 'strict'],
  meshes: ['istio-sidecar'],
  severity: 'high',
  certainty: 'heuristic',
  why: "Gossip and replication use pod addresses, per-pod names and ports of their own. A sidecar knows a pod's address only at ports that a headless Service declares; elsewhere it passes plaintext through, which a STRICT peer refuses, and the cluster splits.",
  detects:
    'A StatefulSet with more than one replica runs an image that is known to form a cluster, and a call between two of its pods at a known peer port is accepted while the port is PERMISSIVE and refused once it is STRICT. Of other images the calls among their own pods that were observed, or that their configuration names, are asked the same.',
  falseAlarms: 'Single-node installations with several replicas, and clusters that were configured to use other ports.',
  remedy: {
    text: 'Declare every peer port on the headless Service, with a name beginning with tcp-, enrol all members while PERMISSIVE, and only then go STRICT.',
  },
  sources: [
    'https://github.com/istio/istio/issues/10659',
    'https://github.com/elastic/cloud-on-k8s/issues/2064',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/',
  ],
  reads: [KIND.statefulSet, KIND.service, KIND.peerAuthentication],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  const { world } = context;
  const found = new Set<string>();
  for (const namespace of whatIf(world).scope) {
    for (const workload of workloadsIn(world, namespace)) {
      for (const issue of ofWorkload(world, workload)) {
        if (issue.object !== undefined) found.add(keyOf(issue.object));
        yield issue;
      }
    }
  }
  // Calls of a workload to itself that the call graph tells of, whatever product it runs.
  for (const issue of casualtyIssues(context, { cause: 'peer', subject: 'Its own pods' })) {
    if (issue.object === undefined || !found.has(keyOf(issue.object))) yield issue;
  }
}

function* ofWorkload(world: World, workload: Workload): Iterable<Issue | Undecided> {
  const product = productOf(workload);
  if (product === undefined || (workload.replicas.known && workload.replicas.value < 2)) return;
  const headless = servicesBefore(world, workload).find((service) => service.headless);
  const object = workloadObject(workload);
  const cut: { readonly port: number; readonly casualty: Casualty }[] = [];
  for (const port of product.ports) {
    const casualty = casualtyOf(peerCall(workload, headless, { ...product, port }), world);
    if (casualty === undefined) continue;
    if ('reason' in casualty) yield { notAssessed: casualty.reason, object };
    else cut.push({ port, casualty });
  }
  if (cut.length > 0) yield issueFor(workload, headless, { product: product.name, cut });
}

interface Product {
  readonly name: string;
  readonly ports: readonly number[];
}

function productOf({ kind, template }: Workload): Product | undefined {
  if (kind !== 'StatefulSet') return undefined;
  const found = PEER_PORTS.find(([image]) => template.containers.some((container) => image.test(container.image)));
  return found === undefined ? undefined : { name: found[1], ports: found[2] };
}

/** By the pod's name where the headless Service declares the port, else by its bare address. */
function peerCall(
  workload: Workload,
  headless: Service | undefined,
  peer: { readonly name: string; readonly port: number },
) {
  const declared =
    headless?.ports.some((port) => containerPorts(port, [workload.template]).includes(peer.port)) === true;
  const to: CallTarget =
    headless !== undefined && declared
      ? { kind: 'headless-instance', namespace: headless.namespace, service: headless.name, port: peer.port }
      : toPodPort(workload, peer.port);
  const evidence = { kind: 'inferred', source: 'image', detail: `members of ${peer.name} talk at this port` } as const;
  return stateCall({ from: fromWorkload(workload), to, protocol: 'tcp', evidence });
}

interface Cut {
  readonly product: string;
  readonly cut: readonly { readonly port: number; readonly casualty: Casualty }[];
}

function issueFor(workload: Workload, headless: Service | undefined, { product, cut }: Cut): Issue {
  const ports = cut.map(({ port }) => port);
  const change = headless === undefined ? undefined : declarePorts(headless, ports);
  return {
    object: workloadObject(workload),
    field: 'container ports',
    value: ports.join(', '),
    message: `${product} members of ${formatWorkload(workload)} reach each other at ${ports.join(', ')} in plaintext, which is refused once the namespace is STRICT: the cluster splits.`,
    evidence: cut.map(({ casualty }) => ({ rule: `With STRICT: ${casualty.strict.why}` })),
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

function declarePorts(service: Service, numbers: readonly number[]): Change {
  const target = refOf(service.object);
  const ports = numbers.map((port) => ({ name: `tcp-peer-${String(port)}`, port, targetPort: port, protocol: 'TCP' }));
  const why = 'members of the cluster talk at these ports, and proxies know only ports that a Service declares';
  return {
    id: `declare-${service.namespace}-${service.name}-peers`,
    steps: [{ step: 'patch', target, patch: { spec: { ports } }, why }],
  };
}
