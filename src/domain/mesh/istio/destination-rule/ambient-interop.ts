import type { ClientTlsMode } from './rule.ts';

/** How a pod takes part in the mesh; `sidecar-hbone`: a sidecar whose pod has `networking.istio.io/tunnel: http`. */
export type MeshMember = 'sidecar' | 'sidecar-hbone' | 'gateway' | 'ambient' | 'waypoint' | 'none';

/** A call between two pods, each by its place in the mesh. */
export interface InteropCall {
  readonly client: MeshMember;
  readonly server: MeshMember;
  /** The TLS mode of the client's DestinationRule; ztunnel does not read those. */
  readonly rule: ClientTlsMode | undefined;
  /** Whether the call goes through a headless Service. */
  readonly headless: boolean;
}

/** `as-sidecar`: HBONE plays no part, `serviceWire` decides; `unreachable`: a waypoint takes nothing but HBONE. */
export type InteropWire = 'hbone' | 'tls-in-hbone' | 'plaintext' | 'as-sidecar' | 'unreachable';

/**
 * What goes on the wire where one side is ambient. Holds for an istiod with PILOT_ENABLE_AMBIENT and clients without
 * DISABLE_HBONE_SEND. Source: istio pilot/pkg/xds/endpoints/endpoint_builder.go, buildEnvoyLbEndpoint, and
 * pilot/pkg/networking/core/cluster_tls.go, applyHBONETransportSocketMatches.
 */
export function interopWire({ client, server, rule, headless }: InteropCall): InteropWire {
  if (client === 'none') return server === 'waypoint' ? 'unreachable' : 'plaintext';
  if (client === 'ambient' || client === 'waypoint') {
    return server === 'ambient' || server === 'waypoint' || server === 'sidecar-hbone' ? 'hbone' : 'plaintext';
  }
  if (server !== 'ambient' && server !== 'waypoint') return 'as-sidecar';
  if (headless && client !== 'gateway') return 'as-sidecar';
  return rule === 'SIMPLE' || rule === 'MUTUAL' ? 'tls-in-hbone' : 'hbone';
}
