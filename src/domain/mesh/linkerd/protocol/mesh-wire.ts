import { PROXY_PORTS } from '../names.ts';
import { goPortRanges, holdsPort } from '../opaque-ports/port-lists.ts';

/** Why a connection is not mutual TLS, in the words of the proxy's metrics where it has one. */
export type NoTlsReason =
  'loopback' | 'port_skipped' | 'no_tls_from_remote' | 'not_provided_by_service_discovery' | 'not_tcp';

/** Who is called, as the destination controller describes them to a client. */
export type MeshServer =
  | {
      readonly kind: 'pod';
      /** Label `linkerd.io/control-plane-ns`; absent on unmeshed pods. */
      readonly controlPlane: string | undefined;
      /** Annotation `config.linkerd.io/skip-inbound-ports`; the chart's own list is not asked. */
      readonly skipInboundPorts: string | undefined;
    }
  | { readonly kind: 'external-workload' }
  | { readonly kind: 'external' };

/** One connection, by what decides whether it is mutual TLS. */
export interface MeshCall {
  /** The namespace of the control plane whose proxy sends it; undefined where it passes no proxy of Linkerd. */
  readonly clientControlPlane: string | undefined;
  /** Why it passes none. */
  readonly bypass?: NoTlsReason;
  readonly server: MeshServer;
  /** The pod's port. */
  readonly port: number;
}

/** What goes over the wire, and to which port. */
export interface MeshWire {
  readonly mtls: boolean;
  readonly wirePort: number;
  readonly reason?: NoTlsReason;
  readonly why: string;
}

/**
 * Whether a connection is mutual TLS: it passes a proxy, and the server's pod carries the label of the same control
 * plane and does not skip the port. Since 2.18 it then goes to the server proxy's own port, whatever the port called.
 * Source: linkerd2 controller/api/destination/endpoint_translator.go#createWeightedAddr, server.go.
 */
export function meshWire(call: MeshCall): MeshWire {
  const { clientControlPlane, server, port } = call;
  if (clientControlPlane === undefined)
    return plain(port, call.bypass ?? 'no_tls_from_remote', "the call passes no proxy of Linkerd on the client's side");
  switch (server.kind) {
    case 'external':
      return plain(
        port,
        'not_provided_by_service_discovery',
        "the address is no pod's, so nobody names an identity for it",
      );
    case 'external-workload':
      return encrypted(port, 'the ExternalWorkload names its identity');
    case 'pod':
      return wireToPod(server, clientControlPlane, port);
  }
}

function wireToPod(server: Extract<MeshServer, { kind: 'pod' }>, client: string, port: number): MeshWire {
  const { controlPlane, skipInboundPorts } = server;
  if (controlPlane === undefined)
    return plain(
      port,
      'not_provided_by_service_discovery',
      "the server's pod carries no label of Linkerd, so the proxy sends plaintext",
    );
  if (controlPlane !== client) {
    const why = `the server belongs to the control plane of ${controlPlane}, the client to that of ${client}, so the proxy sends plaintext`;
    return plain(port, 'not_provided_by_service_discovery', why);
  }
  if (skipInboundPorts !== undefined && holdsPort(goPortRanges(skipInboundPorts), port)) {
    const why = `annotation config.linkerd.io/skip-inbound-ports of the server names port ${String(port)}, so the client's proxy sends plaintext`;
    return plain(port, 'not_provided_by_service_discovery', why);
  }
  return encrypted(port, `both pods belong to the control plane of ${client}, so their proxies speak mutual TLS`);
}

function plain(wirePort: number, reason: NoTlsReason, why: string): MeshWire {
  return { mtls: false, wirePort, reason, why };
}

/** The ports of the server's proxy itself are called as they are. */
function encrypted(port: number, why: string): MeshWire {
  const isProxys = port === PROXY_PORTS.admin || port === PROXY_PORTS.control;
  return { mtls: true, wirePort: isProxys ? port : PROXY_PORTS.inbound, why };
}

/** Where a connection to a meshed pod is addressed, and where its application listens. */
export interface InboundAddress {
  /** Whether the address is one of the pod's `status.podIPs`; a secondary interface's is not. */
  readonly isPodIp: boolean;
  /** The address that the application is bound to; absent where it is not known. */
  readonly listensOn?: string;
}

/**
 * Why a connection that a meshed pod's proxy takes never reaches the application: the proxy refuses addresses that are
 * not the pod's, and it connects to the address that was called, never to loopback. Undefined where it does.
 * Source: linkerd2-proxy linkerd/app/inbound/src/accept.rs, linkerd/app/inbound/src/direct.rs.
 */
export function whyNotDelivered({ isPodIp, listensOn }: InboundAddress): string | undefined {
  if (!isPodIp) return 'the proxy refuses an address that is not among status.podIPs';
  if (listensOn === undefined || !/^(127\.|::1$|localhost$)/.test(listensOn)) return undefined;
  return `the application listens on ${listensOn} alone, and the proxy connects to the pod's address`;
}
