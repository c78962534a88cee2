import { known, mapFact, type Fact } from '../../world/fact.ts';
import type { PodShape } from '../../world/pod-shape.ts';
import type { Service, ServicePort } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { Destination, Outbound, ServerEnd } from '../mesh.ts';
import type { LinkerdControlPlane } from './control-plane.ts';
import { runningPod } from './data-plane.ts';
import { injectedNamespace } from './enrolment.ts';
import { goTruth } from './injection/pod-settings.ts';
import { OPAQUE_PORTS } from './names.ts';
import { opaquePortsOfEndpoint } from './opaque-ports/effective.ts';
import { isOpaqueByServer } from './opaque-ports/opaque-server.ts';
import { holdsPort } from './opaque-ports/port-lists.ts';
import { opaquePortsWrittenOnService } from './opaque-ports/webhook-annotation.ts';
import { protocolToEndpoint, protocolToService, type ClientProtocol } from './protocol/client-protocol.ts';
import { serverFirstFate } from './protocol/detection.ts';
import { readsAppProtocol } from './versions.ts';

/** A call through a client's proxy. */
export interface ProxiedCall {
  readonly plane: LinkerdControlPlane;
  /** The client's pod. */
  readonly pod: PodShape;
  readonly destination: Destination;
}

/**
 * Whether the client's proxy holds the call back because it waits for bytes that a client of a server-first protocol
 * does not send: for ten seconds where it detects the protocol, without end where it expects HTTP or its timeout is off.
 */
export function stalling(call: ProxiedCall, world: World): Pick<Outbound, 'stalls' | 'mayStall'> {
  const { serverFirst } = call.destination;
  if (serverFirst === undefined || (serverFirst.known && !serverFirst.value)) return {};
  const protocol = protocolOfCall(call, world);
  if (!protocol.known) return { mayStall: `how the client's proxy treats the port is not known: ${protocol.reason}` };
  if (protocol.value === 'opaque') return {};
  if (!serverFirst.known)
    return protocol.value === 'detect' ? { mayStall: `${serverFirst.reason}; proxies detect its protocol` } : {};
  if (protocol.value !== 'detect')
    return { stalls: `the client's proxy reads ${protocol.value}, and in this protocol the server speaks first` };
  return waiting(waitsForever(call));
}

function waiting(forever: Fact<boolean>): Pick<Outbound, 'stalls' | 'mayStall'> {
  if (!forever.known) return { mayStall: forever.reason };
  const fate = serverFirstFate({ client: 'meshed', server: 'meshed', opaque: false, waitsForever: forever.value });
  if (!fate.works)
    return { stalls: "the client's proxy waits without end for bytes, because its detection timeout is switched off" };
  const seconds = String(fate.firstByteDelaySeconds ?? 0);
  return {
    mayStall: `server-first protocol: the client's proxy waits ${seconds} seconds for bytes that the client does not send, then passes the connection on; whether the client waits that long is not known`,
  };
}

const NO_TIMEOUT = 'config.linkerd.io/proxy-disable-outbound-protocol-detect-timeout';

function waitsForever({ pod, plane }: ProxiedCall): Fact<boolean> {
  const written = pod.annotations[NO_TIMEOUT];
  const truth = written === undefined ? undefined : goTruth(written);
  return truth === undefined ? plane.disableOutboundProtocolDetectTimeout : known(truth);
}

/** Behind a cluster address the Service decides; a headless Service's address is the pod's own. */
function protocolOfCall({ plane, destination }: ProxiedCall, world: World): Fact<ClientProtocol> {
  const { service, server } = destination;
  if (service === undefined || service.service.headless) return protocolToPod(server, plane, world);
  const reads = service.port.appProtocol === undefined ? known(true) : readsAppProtocol(plane.version);
  if (!reads.known) return reads;
  const { appProtocol: _unread, ...bare } = service.port;
  return protocolBehindAddress(service.service, reads.value ? service.port : bare, { plane, world });
}

interface Context {
  readonly plane: LinkerdControlPlane;
  readonly world: World;
}

/** Of a Service that only a file or a plan names, nobody knows whether the webhook wrote its annotation yet. */
function protocolBehindAddress(service: Service, port: ServicePort, { plane, world }: Context): Fact<ClientProtocol> {
  const { annotations } = service.object.metadata;
  const asItIs = protocolToService({ ports: service.ports, annotations }, port, plane.opaquePorts);
  const isLive = service.object.origin.from === 'read' && world.coverage.basis !== 'declared';
  if (isLive || annotations[OPAQUE_PORTS] !== undefined || !plane.opaquePorts.known) return asItIs;
  const namespace = injectedNamespace(world, service.namespace);
  if (!namespace.known) return namespace;
  const written = opaquePortsWrittenOnService(
    { annotations, ports: service.ports },
    namespace.value.annotations,
    plane.opaquePorts.value,
  );
  if (written === undefined) return asItIs;
  return protocolToService({ ports: service.ports, annotations: { [OPAQUE_PORTS]: written } }, port, plane.opaquePorts);
}

function protocolToPod(server: ServerEnd, plane: LinkerdControlPlane, world: World): Fact<ClientProtocol> {
  const pod = runningPod(server.workload, server.cohort, world);
  if (!pod.known) return pod;
  const ranges = opaquePortsOfEndpoint(pod.value, plane.opaquePorts);
  if (!ranges.known) return ranges;
  if (holdsPort(ranges.value, server.port)) return known('opaque');
  const byServer = isOpaqueByServer(world, { namespace: server.workload.namespace, pod: pod.value, port: server.port });
  return mapFact(byServer, protocolToEndpoint);
}
