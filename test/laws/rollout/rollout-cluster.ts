import { chartWebhookConfigurations } from '../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import type { Target } from '../../../src/domain/rollout/plan.ts';
import { ambientMesh, controlPlane, object } from '../../cases-runner/case-world.ts';
import { linkerdControlPlane } from '../../cases-runner/linkerd/linkerd-world.ts';
import { withPods } from './dumb-apply.ts';
import { controllersOf } from './naive-pods.ts';
import { clusterOf, type Raw, type RawCluster } from './raw-cluster.ts';
import { SPACES, type RolloutWorld, type Space, type WorkloadFacts } from './rollout-world.ts';

/** The generated cluster as manifests, with a running pod for each controller but a CronJob. */
export function clusterFor(facts: RolloutWorld): RawCluster {
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-1' },
      status: { nodeInfo: { kubeletVersion: 'v1.34.2' } },
    },
    ...(facts.installed ? planeOf(facts.target) : []),
    ...SPACES.map((name) => spaceOf(name, facts)),
    ...calico(),
    ...accountsOf(facts),
    ...facts.workloads.flatMap((one) => manifestsOf(one)),
    ...facts.policies,
  ];
  const bare = { ...clusterOf(manifests), served: servedBy(facts) };
  return controllersOf(bare)
    .filter(({ kind, metadata }) => kind !== 'CronJob' && SPACES.includes((metadata as { namespace: Space }).namespace))
    .reduce(withPods, bare);
}

const ISTIO = ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io'];
const LINKERD = ['policy.linkerd.io', 'linkerd.io', 'workload.linkerd.io', 'multicluster.linkerd.io'];

function servedBy({ installed, target }: RolloutWorld): ReadonlySet<string> {
  if (!installed) return new Set();
  return new Set(target === 'linkerd' ? [...LINKERD, 'gateway.networking.k8s.io'] : ISTIO);
}

function planeOf(target: Target): readonly Raw[] {
  const webhooks = chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } });
  const objects = {
    'istio-sidecar': () => [object('v1', 'Namespace', { name: 'istio-system' }), ...controlPlane(), ...webhooks],
    'istio-ambient': () => [object('v1', 'Namespace', { name: 'istio-system' }), ...ambientMesh(), ...webhooks],
    linkerd: () => [object('v1', 'Namespace', { name: 'linkerd' }), ...linkerdControlPlane()],
  }[target]();
  return objects.map((one) => {
    const { origin: _origin, ...raw } = one;
    return raw;
  });
}

function spaceOf(name: Space, { target, enrolled }: RolloutWorld): Raw {
  const isIn = enrolled.includes(name);
  const asks = {
    'istio-sidecar': { labels: { 'istio-injection': 'enabled' } },
    'istio-ambient': { labels: { 'istio.io/dataplane-mode': 'ambient' } },
    linkerd: { annotations: { 'linkerd.io/inject': 'enabled' } },
  }[target];
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...(isIn ? asks : {}) } };
}

/** A network plugin that enforces NetworkPolicies. */
function calico(): readonly Raw[] {
  const labels = { 'k8s-app': 'calico-node' };
  const template = {
    metadata: { labels },
    spec: { hostNetwork: true, containers: [{ name: 'calico-node', image: 'calico/node:v3.30.0' }] },
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'calico-node', namespace: 'kube-system' },
      spec: { selector: { matchLabels: labels }, template },
    },
  ];
}

function accountsOf({ workloads }: RolloutWorld): readonly Raw[] {
  const names = new Map(
    workloads.map(({ namespace, account }) => [`${namespace}/${account}`, { namespace, name: account }]),
  );
  return [...names.values()].map((metadata) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }));
}

/** The container port behind the workload's Service. */
export function portOf({ speaks }: Pick<WorkloadFacts, 'speaks'>): number {
  return speaks === 'server-first' ? 4222 : 8080;
}

/** The port of the workload's Service. */
export function servicePortOf(facts: Pick<WorkloadFacts, 'speaks' | 'headless'>): number {
  return facts.speaks === 'server-first' ? 4222 : facts.headless ? 8080 : 80;
}

function manifestsOf(facts: WorkloadFacts): readonly Raw[] {
  const { namespace, name, kind } = facts;
  const template = templateFor(facts);
  const metadata = { name, namespace };
  if (kind === 'CronJob') {
    const spec = { schedule: '0 3 * * *', jobTemplate: { spec: { template } } };
    return [{ apiVersion: 'batch/v1', kind, metadata, spec }];
  }
  const spec = { selector: { matchLabels: { app: name } }, template, ...(kind === 'DaemonSet' ? {} : { replicas: 2 }) };
  return [{ apiVersion: 'apps/v1', kind, metadata, spec }, serviceFor(facts)];
}

function templateFor({ name, kind, account, speaks, metrics, optedOut, hostNetwork }: WorkloadFacts): Raw {
  const ports = [{ containerPort: portOf({ speaks }) }, ...(metrics ? [{ containerPort: 9090, name: 'metrics' }] : [])];
  const container = { name: 'app', image: `example.com/${name}:1`, ...(kind === 'CronJob' ? {} : { ports }) };
  return {
    metadata: {
      labels: {
        app: name,
        ...(optedOut ? { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' } : {}),
      },
      ...(optedOut ? { annotations: { 'linkerd.io/inject': 'disabled' } } : {}),
    },
    spec: {
      serviceAccountName: account,
      containers: [container],
      ...(hostNetwork ? { hostNetwork } : {}),
      ...(kind === 'CronJob' ? { restartPolicy: 'Never' } : {}),
    },
  };
}

function serviceFor(facts: WorkloadFacts): Raw {
  const { namespace, name, portName, headless, balanced } = facts;
  const port = {
    port: servicePortOf(facts),
    targetPort: portOf(facts),
    ...(portName === undefined ? {} : { name: portName }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: [port],
      ...(headless ? { clusterIP: 'None' } : balanced ? { type: 'LoadBalancer' } : {}),
    },
  };
}
