import { asObject, type JsonObject } from '../../../src/lib/json.ts';
import type { PortDraft, WorkloadDraft, WorldDraft } from './draft.ts';
import { made } from './made.ts';
import { ACCOUNTS, NAMESPACES } from './names.ts';
import { policyManifests } from './policy-manifests.ts';

/** A pod of the world, as both sides know it. */
export interface PodOfDraft {
  readonly workload: WorkloadDraft;
  readonly name: string;
  readonly kind: WorkloadDraft['pods'][number];
  readonly address: string;
}

/** All pods of the world, each with an address of its own. */
export function podsOf(draft: WorldDraft): readonly PodOfDraft[] {
  return draft.workloads.flatMap((workload, outer) =>
    workload.pods.map((kind, inner) => ({
      workload,
      kind,
      name: `${workload.name}-${kind}`,
      address: `10.0.${String(outer)}.${String(inner + 1)}`,
    })),
  );
}

/** The Kubernetes objects of the world, each created a minute after the one before. */
export function manifestsOf(draft: WorldDraft): readonly JsonObject[] {
  return [
    ...['istio-system', ...NAMESPACES].map((name) => made('v1', 'Namespace', { name })),
    ...NAMESPACES.flatMap((namespace) => ACCOUNTS.map((name) => made('v1', 'ServiceAccount', { name, namespace }))),
    ...draft.workloads.flatMap(workloadManifests),
    ...podsOf(draft).map(podManifest),
    ...policyManifests(draft),
  ].map(createdAt);
}

function createdAt(manifest: JsonObject, index: number): JsonObject {
  const [hour, minute] = [Math.floor(index / 60), index % 60].map((part) => String(part).padStart(2, '0'));
  const creationTimestamp = `2026-01-01T${hour ?? ''}:${minute ?? ''}:00Z`;
  return { ...manifest, metadata: { ...asObject(manifest['metadata']), creationTimestamp } };
}

function workloadManifests(workload: WorkloadDraft, index: number): JsonObject[] {
  const { namespace, name, account: serviceAccountName } = workload;
  const labels = { app: name, tier: workload.tier, ...enrolled(workload.pods[0]), ...tlsModeOf(workload) };
  const template = { metadata: { labels }, spec: { serviceAccountName, containers: [app(workload)] } };
  const services = servicesOf(workload).map((service, other) =>
    serviceManifest(workload, service, `10.1.${String(other)}.${String(index + 1)}`),
  );
  return [
    made('apps/v1', 'Deployment', { name, namespace }, { selector: { matchLabels: { app: name } }, template }),
    ...services,
  ];
}

/** A Service over the pods of a workload. */
export interface ServiceOfDraft {
  readonly name: string;
  readonly headless: boolean;
  readonly ports: readonly PortDraft[];
}

/** The Services of a workload; a second one is never headless. */
export function servicesOf({ name, headless, ports, otherPorts }: WorkloadDraft): readonly ServiceOfDraft[] {
  const first = { name, headless, ports };
  return otherPorts.length === 0 ? [first] : [first, { name: `${name}-too`, headless: false, ports: otherPorts }];
}

function serviceManifest(workload: WorkloadDraft, service: ServiceOfDraft, address: string): JsonObject {
  const { exportTo, namespace } = workload;
  const annotations = exportTo === undefined ? {} : { 'networking.istio.io/exportTo': exportTo };
  const clusterIP = service.headless ? 'None' : address;
  const spec = { selector: { app: workload.name }, clusterIP, ports: service.ports.map(portManifest) };
  return made('v1', 'Service', { name: service.name, namespace, annotations }, spec);
}

function portManifest({ name, port, targetPort, appProtocol }: PortDraft): JsonObject {
  return {
    ...(name === undefined ? {} : { name }),
    ...(appProtocol === undefined ? {} : { appProtocol }),
    port,
    targetPort,
    protocol: 'TCP',
  };
}

function app({ name, ports, otherPorts }: WorkloadDraft): JsonObject {
  const numbers = [...new Set([...ports, ...otherPorts].map(({ targetPort }) => targetPort))];
  return { name: 'app', image: `example/${name}:1`, ports: numbers.map((containerPort) => ({ containerPort })) };
}

const PROXY = { name: 'istio-proxy', image: 'istio/proxyv2:1.31.0', args: ['proxy', 'sidecar'] };

function tlsModeOf({ tlsMode }: WorkloadDraft): JsonObject {
  return tlsMode === undefined ? {} : { 'security.istio.io/tlsMode': tlsMode };
}

/** The pods that are made next are like the first. */
function enrolled(kind: PodOfDraft['kind'] | undefined): JsonObject {
  if (kind === 'ambient') return { 'istio.io/dataplane-mode': 'ambient' };
  return { 'sidecar.istio.io/inject': String(kind === 'sidecar') };
}

function podManifest({ workload, name, kind, address }: PodOfDraft): JsonObject {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: workload.name,
    controller: true,
    uid: workload.name,
  };
  const isSidecar = kind === 'sidecar';
  const labels = {
    app: workload.name,
    tier: workload.tier,
    ...enrolled(kind),
    ...(isSidecar ? { 'security.istio.io/tlsMode': 'istio' } : {}),
    ...tlsModeOf(workload),
  };
  const annotations = {
    ...(isSidecar ? { 'sidecar.istio.io/status': '{"revision":"default"}' } : {}),
    ...(kind === 'ambient' ? { 'ambient.istio.io/redirection': 'enabled' } : {}),
  };
  const { namespace, account } = workload;
  return {
    ...made(
      'v1',
      'Pod',
      { name, namespace, labels, annotations, ownerReferences: [owner] },
      {
        serviceAccountName: account,
        containers: [app(workload), ...(isSidecar ? [PROXY] : [])],
        ...(isSidecar ? { initContainers: [{ name: 'istio-init', image: PROXY.image }] } : {}),
      },
    ),
    status: {
      phase: 'Running',
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}
