import { webhookResult } from '../../../src/domain/mesh/linkerd/admission.ts';
import {
  opaquePortsOfEndpoint,
  opaquePortsOfService,
} from '../../../src/domain/mesh/linkerd/opaque-ports/effective.ts';
import { isOpaqueByServer } from '../../../src/domain/mesh/linkerd/opaque-ports/opaque-server.ts';
import { goPortRanges, holdsPort, type PortRange } from '../../../src/domain/mesh/linkerd/opaque-ports/port-lists.ts';
import { opaquePortsWrittenOnService } from '../../../src/domain/mesh/linkerd/opaque-ports/webhook-annotation.ts';
import { inboundPolicies } from '../../../src/domain/mesh/linkerd/policy/inbound-policy.ts';
import { proxiedPods } from '../../../src/domain/mesh/linkerd/policy/place.ts';
import { isOpaqueByChart, protocolToService } from '../../../src/domain/mesh/linkerd/protocol/client-protocol.ts';
import { meshWire, type MeshServer } from '../../../src/domain/mesh/linkerd/protocol/mesh-wire.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import type { ServicePort } from '../../../src/domain/world/service.ts';
import { asList, asNumber, asObjects, asText, asTextMap, at, type JsonObject } from '../../../src/lib/json.ts';
import { completeWorld, object } from '../case-world.ts';
import { podEnd } from '../istio/seam-ends.ts';
import { CHART_OPAQUE_PORTS, chartValuesWith, linkerdControlPlane, linkerdPod, namespaceOf } from './linkerd-world.ts';

const OPAQUE = 'config.linkerd.io/opaque-ports';

/** Answers a case of the group `opaque-ports` in the form of its `expect`; undefined for a stage that it does not know. */
export function run(input: unknown): unknown {
  switch (at(input, 'stage')) {
    case 'webhook':
      return { annotation: (isService(input) ? writtenOnService(input) : writtenOnPod(input)) ?? null };
    case 'client-service':
      return { opaque: opaqueOfService(input) };
    case 'client-endpoint':
      return endpoint(input);
    case 'inbound-policy':
      return { protocol: inboundProtocol(input) };
    case 'go-parser':
      return { ports: portsIn(goPortRanges(asText(at(input, 'list')) ?? '')) };
    default:
      return undefined;
  }
}

/** Every port of the ranges once, ascending. */
function portsIn(ranges: readonly PortRange[]): readonly number[] {
  const ports = ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  return [...new Set(ports)].sort((left, right) => left - right);
}

function isService(input: unknown): boolean {
  return at(input, 'object', 'kind') === 'Service';
}

function chartList(input: unknown): string {
  const list = at(input, 'default');
  return Array.isArray(list) ? list.map(String).join(',') : (asText(list) ?? CHART_OPAQUE_PORTS);
}

function writtenOnService(input: unknown): string | undefined {
  const ports = asObjects(at(input, 'object', 'ports')).map((port) => {
    const targetPort = asNumber(port['targetPort']) ?? asText(port['targetPort']);
    return { port: asNumber(port['port']) ?? 0, ...(targetPort === undefined ? {} : { targetPort }) };
  });
  const annotations = asTextMap(at(input, 'object', 'annotations'));
  return opaquePortsWrittenOnService({ annotations, ports }, asTextMap(at(input, 'nsAnnotations')), chartList(input));
}

/** What admission adds to the pod, which its namespace may ask to inject. */
function writtenOnPod(input: unknown): string | undefined {
  const namespace = namespaceOf(input);
  const values = chartValuesWith({ 'proxy.opaquePorts': chartList(input) });
  const pod = readPodShape({ annotations: at(input, 'object', 'annotations') }, at(input, 'object'));
  const world = completeWorld([namespace, ...linkerdControlPlane(values)]);
  const made = webhookResult(namespace.metadata.name, pod, world)?.pod ?? pod;
  return made.annotations[OPAQUE] === pod.annotations[OPAQUE] ? undefined : made.annotations[OPAQUE];
}

function opaqueOfService(input: unknown): readonly number[] | string {
  const annotations = asTextMap(at(input, 'object', 'annotations'));
  const ranges = opaquePortsOfService(
    { annotations, ports: portsOf(at(input, 'object', 'ports')) },
    known(chartList(input)),
  );
  return ranges.known ? portsIn(ranges.value) : ranges.reason;
}

function portsOf(raw: unknown): readonly ServicePort[] {
  return asObjects(raw).map((one) => {
    const [port, name, appProtocol] = [asNumber(one['port']) ?? 0, asText(one['name']), asText(one['appProtocol'])];
    const named = { ...(name === undefined ? {} : { name }), ...(appProtocol === undefined ? {} : { appProtocol }) };
    return { port, protocol: 'TCP', targetPort: port, ...named };
  });
}

function endpoint(input: unknown): unknown {
  const port = asNumber(at(input, 'port')) ?? 0;
  const target = asText(at(input, 'target')) ?? '';
  const wire = meshWire({ clientControlPlane: 'linkerd', server: serverOf(input, target), port });
  return { opaque: isOpaque(input, target, port), wirePort: wire.wirePort, mtls: wire.mtls };
}

function serverOf(input: unknown, target: string): MeshServer {
  if (target === 'externalIP') return { kind: 'external' };
  const isMeshed = at(input, 'meshed') !== false;
  if (target === 'externalWorkloadIP') return isMeshed ? { kind: 'external-workload' } : { kind: 'external' };
  const skipInboundPorts = asTextMap(at(input, 'podAnnotations'))['config.linkerd.io/skip-inbound-ports'];
  return { kind: 'pod', controlPlane: isMeshed ? 'linkerd' : undefined, skipInboundPorts };
}

function isOpaque(input: unknown, target: string, port: number): boolean | string {
  const chart = chartList(input);
  if (target === 'externalIP') return isOpaqueByChart(port, chart);
  if (target === 'clusterIP' || target === 'clusterIPVIP') return isOpaqueService(input, port);
  const { pod } = endOf(input);
  const ranges = opaquePortsOfEndpoint(pod, known(chart));
  if (!ranges.known) return ranges.reason;
  if (holdsPort(ranges.value, port)) return true;
  const byServer = isOpaqueByServer(worldOf(input), { namespace: 'shop', pod, port });
  return byServer.known ? byServer.value : byServer.reason;
}

function isOpaqueService(input: unknown, port: number): boolean | string {
  const listed = portsOf(at(input, 'servicePorts'));
  const service = { annotations: asTextMap(at(input, 'serviceAnnotations')), ports: listed };
  const called = listed.find((one) => one.port === port) ?? { port };
  const protocol = protocolToService(service, called, known(chartList(input)));
  return protocol.known ? protocol.value === 'opaque' : protocol.reason;
}

/** The policy of the port that the server's proxy is told. */
function inboundProtocol(input: unknown): string {
  const world = worldOf(input);
  const end = { ...podEnd(world, 'shop', 'server'), port: asNumber(at(input, 'port')) ?? 0 };
  const place = proxiedPods(end, world);
  if (place.kind !== 'proxied') return place.why;
  const { possible, why } = inboundPolicies(end, place, world);
  const [policy] = possible;
  if (policy === undefined || why !== undefined) return why ?? 'no policy';
  return policy.protocol === 'unknown' ? 'detect' : policy.protocol;
}

function endOf(input: unknown): { readonly pod: ReturnType<typeof readPodShape> } {
  return { pod: podEnd(worldOf(input), 'shop', 'server').cohort.pod };
}

function worldOf(input: unknown): ReturnType<typeof completeWorld> {
  const isMeshed = at(input, 'meshed') !== false;
  const containers = asObjects(at(input, 'containers'));
  const pod = linkerdPod({
    name: 'server',
    labels: { app: 'server' },
    annotations: asTextMap(at(input, 'podAnnotations')),
    controlPlane: isMeshed ? 'linkerd' : undefined,
    ...(containers.length === 0 ? {} : { containers: containers.map((one) => ({ name: 'app', ...one })) }),
  });
  const servers = asList(at(input, 'servers')).map((raw, index) => serverObject(raw, index));
  return completeWorld([...linkerdControlPlane(), pod, ...servers]);
}

function serverObject(raw: unknown, index: number): KubeObject {
  const spec: JsonObject = {
    podSelector: {},
    port: at(raw, 'port'),
    proxyProtocol: at(raw, 'proxyProtocol') ?? 'unknown',
  };
  return object('policy.linkerd.io/v1beta3', 'Server', {
    name: asText(at(raw, 'name')) ?? `server-${String(index)}`,
    namespace: 'shop',
    created: asText(at(raw, 'created')) ?? `2026-01-01T00:00:0${String(index % 10)}Z`,
    spec,
  });
}
