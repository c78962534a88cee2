import { outboundOf } from '../../../src/domain/mesh/linkerd/outbound.ts';
import { inboundOpaquePorts, opaquePortsOfEndpoint } from '../../../src/domain/mesh/linkerd/opaque-ports/effective.ts';
import { holdsPort } from '../../../src/domain/mesh/linkerd/opaque-ports/port-lists.ts';
import {
  DETECT_SECONDS,
  isDefinedPort,
  protocolToEndpoint,
  protocolToService,
} from '../../../src/domain/mesh/linkerd/protocol/client-protocol.ts';
import { serverFirstFate } from '../../../src/domain/mesh/linkerd/protocol/detection.ts';
import { meshWire, whyNotDelivered, type MeshWire } from '../../../src/domain/mesh/linkerd/protocol/mesh-wire.ts';
import { routeStatuses, serviceParentStatus } from '../../../src/domain/mesh/linkerd/protocol/route-conflict.ts';
import { known } from '../../../src/domain/world/fact.ts';
import { readPodShape } from '../../../src/domain/world/pod-shape.ts';
import { asList, asNumber, asText, asTextMap, asTexts, at } from '../../../src/lib/json.ts';
import { completeWorld } from '../case-world.ts';
import { podEnd } from '../istio/seam-ends.ts';
import { egressResult, selectedNetwork } from './egress.ts';
import { CHART_OPAQUE_PORTS, chartValuesWith, linkerdControlPlane, linkerdPod } from './linkerd-world.ts';
import { bypassOf, clientPlane, isMeshedClient, serverOf } from './protocol-ends.ts';

/** Answers a case of the group `protocol` in the form of its `expect`. */
export function run(input: unknown): unknown {
  if (at(input, 'networks') !== undefined) return selectedNetwork(input);
  if (at(input, 'egressNetwork') !== undefined) return egressResult(input);
  if (Array.isArray(at(input, 'routes'))) return Object.fromEntries(routeStatuses(asTexts(at(input, 'routes'))));
  if (at(input, 'route') !== undefined) return runRoute(input);
  if (at(input, 'servicePorts') !== undefined) return runDefinedPort(input);
  return runCall(input);
}

function runRoute(input: unknown): unknown {
  const reason = serviceParentStatus(asText(at(input, 'parent', 'clusterIP')));
  return { accepted: reason === 'Accepted', reason };
}

function runDefinedPort(input: unknown): unknown {
  const ports = asList(at(input, 'servicePorts')).map((one) => ({
    port: asNumber(one) ?? asNumber(at(one, 'port')) ?? 0,
  }));
  const refuses = isMeshedClient(input) && (asText(at(input, 'target')) ?? 'clusterIP') === 'clusterIP';
  if (!refuses || isDefinedPort(ports, portOf(input))) return runCall(input);
  return { works: false, route: 'undefined-port' };
}

function runCall(input: unknown): unknown {
  const wire = wireOf(input);
  const meshed = isMeshedClient(input);
  const viaService = meshed && (asText(at(input, 'target')) ?? '') === 'clusterIP';
  return {
    mtls: agreed(input, wire),
    wirePort: wire.wirePort,
    noTlsReason: wire.reason ?? null,
    policyEnforced: serverOf(input).kind === 'pod' && !skipsInbound(input) && !wireIsBare(input),
    proxied: !wireIsBare(input),
    loadBalanced: viaService,
    serviceProfile: viaService,
    ...protocols(input),
    ...fate(input),
  };
}

function wireOf(input: unknown): MeshWire {
  const bypass = bypassOf(input);
  return meshWire({
    clientControlPlane: bypass === undefined ? clientPlane(input) : undefined,
    server: serverOf(input),
    port: portOf(input),
    ...(bypass === undefined ? {} : { bypass }),
  });
}

/** Loopback and UDP pass no proxy at either end. */
function wireIsBare(input: unknown): boolean {
  const bypass = bypassOf(input);
  return bypass === 'loopback' || bypass === 'not_tcp';
}

/** Where both ends are pods, the seam must say the same as the rule. */
function agreed(input: unknown, wire: MeshWire): boolean | string {
  const server = serverOf(input);
  if (server.kind !== 'pod' || wireIsBare(input)) return wire.mtls;
  const plane = clientPlane(input);
  const world = completeWorld([
    // Cases speak of the server's list; by default the chart leaves the same ports out of what clients send.
    ...linkerdControlPlane(chartValuesWith({ 'proxyInit.ignoreOutboundPorts': '' })),
    ...(server.controlPlane === undefined || server.controlPlane === 'linkerd'
      ? []
      : linkerdControlPlane(undefined, server.controlPlane)),
    linkerdPod({ name: 'client', controlPlane: plane, annotations: asTextMap(at(input, 'clientAnnotations')) }),
    linkerdPod({
      name: 'server',
      controlPlane: server.controlPlane,
      annotations: asTextMap(at(input, 'podAnnotations')),
    }),
  ]);
  const end = { ...podEnd(world, 'shop', 'server'), port: portOf(input) };
  const sent = outboundOf({ ...podEnd(world, 'shop', 'client'), phase: 'run' }, { server: end }, world);
  return (sent.wire === 'mtls') === wire.mtls
    ? wire.mtls
    : `the rule says ${String(wire.mtls)}, the seam ${sent.wire}: ${sent.why}`;
}

function skipsInbound(input: unknown): boolean {
  const server = serverOf(input);
  if (server.kind !== 'pod' || server.controlPlane === undefined) return true;
  return wireOf({ ...(input as object), client: 'meshed' }).mtls ? false : server.controlPlane === 'linkerd';
}

function protocols(input: unknown): object {
  if (at(input, 'appTLS') === true) {
    return isMeshedClient(input) ? { clientProtocol: 'tls', l7: false } : { inboundProtocol: 'tls', l7: false };
  }
  const inbound = holdsPort(inboundOpaquePorts(podOf(input)), portOf(input)) ? 'opaque' : 'detect';
  if (!isMeshedClient(input)) return { inboundProtocol: inbound };
  const client = clientProtocol(input);
  return {
    clientProtocol: client,
    inboundProtocol: inbound,
    ...(client === 'detect' ? { timeoutSeconds: DETECT_SECONDS } : {}),
  };
}

function clientProtocol(input: unknown): string {
  const written = at(input, 'opaque');
  if (written === true) return 'opaque';
  const port = portOf(input);
  const chart = known(CHART_OPAQUE_PORTS);
  if ((asText(at(input, 'target')) ?? '') !== 'clusterIP') {
    const ranges = opaquePortsOfEndpoint(podOf(input), chart);
    return ranges.known ? protocolToEndpoint(holdsPort(ranges.value, port)) : ranges.reason;
  }
  const appProtocol = asText(at(input, 'servicePort', 'appProtocol'));
  const called = { port, protocol: 'TCP', targetPort: port, ...(appProtocol === undefined ? {} : { appProtocol }) };
  const annotations = asTextMap(at(input, 'serviceAnnotations'));
  const protocol = protocolToService({ annotations, ports: [called] }, called, chart);
  return protocol.known ? protocol.value : protocol.reason;
}

function fate(input: unknown): object {
  const why = whyNotDelivered({
    isPodIp: !['secondary-interface', 'secondary'].includes(asText(at(input, 'dstIp')) ?? ''),
    ...(asText(at(input, 'appListen')) === undefined ? {} : { listensOn: asText(at(input, 'appListen')) ?? '' }),
  });
  const server = serverOf(input);
  const isMeshed = server.kind === 'pod' && server.controlPlane !== undefined;
  if (why !== undefined && isMeshed) return { works: false };
  if (at(input, 'serverFirst') !== true) return { works: true };
  const meshed = isMeshedClient(input);
  const own = asTextMap(at(input, meshed ? 'clientAnnotations' : 'podAnnotations'));
  const side = meshed ? 'outbound' : 'inbound';
  return serverFirstFate({
    client: meshed ? 'meshed' : 'unmeshed',
    server: isMeshed ? 'meshed' : 'unmeshed',
    opaque: at(input, 'opaque') === true || (!meshed && holdsPort(inboundOpaquePorts(podOf(input)), portOf(input))),
    waitsForever: own[`config.linkerd.io/proxy-disable-${side}-protocol-detect-timeout`] === 'true',
  });
}

function podOf(input: unknown): ReturnType<typeof readPodShape> {
  return readPodShape({ annotations: at(input, 'podAnnotations') }, {});
}

function portOf(input: unknown): number {
  return asNumber(at(input, 'port')) ?? asNumber(at(input, 'servicePort', 'port')) ?? 8080;
}
