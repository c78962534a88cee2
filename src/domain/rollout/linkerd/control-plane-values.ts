import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { isServed } from '../foundations/served.ts';
import type { World } from '../../world/world.ts';
import { CHART_OPAQUE_PORTS, type LinkerdRelease } from './linkerd-releases.ts';

const REPLICAS = 3;
const CLUSTER_NETWORKS = '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8';
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/** What a proxy asks for where the plan installs the control plane, as values-ha.yaml has it. */
export const PROXY_RESOURCES = { cpu: { request: '100m' }, memory: { request: '20Mi', limit: '250Mi' } } as const;

/** Values of chart `linkerd-control-plane`. */
export interface LinkerdValues {
  /** What is written into the values file. */
  readonly helm: Readonly<Record<string, unknown>>;
  /** The same with the chart's own defaults that other rules look at, as ConfigMap `linkerd-config` will hold them. */
  readonly decoded: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** How many nodes may run the control plane. */
export function readyNodes(world: World): number {
  return world.list(KIND.node).objects.length;
}

/** The values, highly available where there are nodes enough. Source: linkerd2 charts/linkerd-control-plane/values-ha.yaml. */
export function linkerdValues(
  world: World,
  { release, needsCni }: { readonly release: LinkerdRelease; readonly needsCni: boolean },
): LinkerdValues {
  const nodes = readyNodes(world);
  const isAvailable = nodes >= REPLICAS || nodes === 0;
  const withCertManager = isServed(world, 'cert-manager.io/Certificate');
  const helm = {
    ...(isAvailable ? highlyAvailable() : { controllerReplicas: 1 }),
    clusterNetworks: CLUSTER_NETWORKS,
    identityTrustDomain: 'cluster.local',
    webhookFailurePolicy: 'Ignore',
    proxy: {
      defaultInboundPolicy: 'all-unauthenticated',
      opaquePorts: CHART_OPAQUE_PORTS,
      resources: PROXY_RESOURCES,
    },
    identity: withCertManager
      ? { externalCA: true, issuer: { scheme: 'kubernetes.io/tls' } }
      : { issuer: { scheme: 'kubernetes.io/tls' } },
    ...(needsCni ? { cniEnabled: true } : {}),
    ...(runsDocker(world) ? { proxyInit: { runAsRoot: true } } : {}),
  };
  return { helm, decoded: decodedValues(release, { helm, needsCni }), notes: notesOf(nodes, isAvailable) };
}

/** There linkerd-init cannot set up its rules as another user. Source: linkerd2 pkg/healthcheck, "proxy-init container runs as root user if docker container runtime is used". */
function runsDocker(world: World): boolean {
  return world
    .list(KIND.node)
    .objects.some(
      ({ status }) => asText(at(status, 'nodeInfo', 'containerRuntimeVersion'))?.startsWith('docker:') === true,
    );
}

function highlyAvailable(): Readonly<Record<string, unknown>> {
  const resources = (memory: string): unknown => ({
    cpu: { request: '100m' },
    memory: { request: memory, limit: '250Mi' },
  });
  return {
    highAvailability: true,
    controllerReplicas: REPLICAS,
    enablePodDisruptionBudget: true,
    enablePodAntiAffinity: true,
    controllerResources: resources('50Mi'),
    identityResources: { cpu: { request: '100m' }, memory: { request: '10Mi', limit: '250Mi' } },
  };
}

function decodedValues(
  { version, line }: LinkerdRelease,
  { helm, needsCni }: { readonly helm: Readonly<Record<string, unknown>>; readonly needsCni: boolean },
): Readonly<Record<string, unknown>> {
  const native = Number(line.split('.')[1] ?? '0') >= 20;
  return {
    ...helm,
    linkerdVersion: version,
    clusterDomain: 'cluster.local',
    cniEnabled: needsCni,
    policyController: { probeNetworks: EVERYWHERE },
    proxy: { defaultInboundPolicy: 'all-unauthenticated', opaquePorts: CHART_OPAQUE_PORTS, nativeSidecar: native },
    proxyInit: { ignoreInboundPorts: '4567,4568', ignoreOutboundPorts: '4567,4568' },
    identity: { serviceAccountTokenProjection: true },
    egress: { globalEgressNetworkNamespace: 'linkerd-egress' },
  };
}

function notesOf(nodes: number, isAvailable: boolean): readonly string[] {
  return [
    isAvailable
      ? 'Three replicas of each component, kept apart on three nodes, with disruption budgets.'
      : `One replica of each component, because the cluster has ${String(nodes)} nodes and three replicas are kept apart on three: while it restarts, new pods get no proxy and no certificate.`,
    'The chart leaves ports 4567 and 4568 (Galera) out of capture: clients in the mesh still send mutual TLS there, and others pass the proxy and its policy by.',
    'clusterNetworks must hold the addresses of all nodes, pods and Services: linkerd check looks at that. What lies outside is treated as another cluster.',
  ];
}
