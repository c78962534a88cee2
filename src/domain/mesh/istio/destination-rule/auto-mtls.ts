import { known, mapFact, type Fact } from '../../../world/fact.ts';
import type { DeclaredMode, MtlsMode } from '../mtls/peer-authentication.ts';
import type { ClientTlsMode } from './rule.ts';

/** What a client assumes about a whole service; `UNKNOWN` for what lies outside the mesh. */
export type ServiceMode = MtlsMode | 'UNKNOWN';

/** What a client knows of a service as a whole. */
export interface ServiceModeInput {
  readonly meshExternal: boolean;
  /** Headless Service, or `loadBalancer.simple: PASSTHROUGH`: the client keeps the address it was given. */
  readonly passthrough: boolean;
  /** `security.istio.io/tlsMode` of every endpoint; undefined for an endpoint without proxy. */
  readonly endpointTlsModes: readonly (string | undefined)[];
  /** Of the PeerAuthentication without selector in the service's namespace; undefined without one. */
  readonly namespaceMode: DeclaredMode | undefined;
  /** Of the PeerAuthentication without selector in the root namespace; undefined without one. */
  readonly meshMode: DeclaredMode | undefined;
}

/**
 * The mode that a client infers for a service. Policies of single workloads are not seen, and for a passthrough service
 * one endpoint without mTLS turns it off for all.
 * Source: istio pilot/pkg/model/push_context.go, BestEffortInferServiceMTLSMode.
 */
export function inferServiceMode(input: ServiceModeInput): ServiceMode {
  if (input.meshExternal) return 'UNKNOWN';
  if (input.passthrough) {
    const isReady = input.endpointTlsModes.length > 0 && input.endpointTlsModes.every((mode) => mode === 'istio');
    if (!isReady) return 'DISABLE';
  }
  return asMode(input.namespaceMode) ?? asMode(input.meshMode) ?? 'PERMISSIVE';
}

function asMode(declared: DeclaredMode | undefined): MtlsMode | undefined {
  return declared === 'UNSET' || declared === 'invalid' ? undefined : declared;
}

/** What decides about the cluster that stands for a service in the client. */
export interface ClusterInput {
  /** The TLS settings of the DestinationRule at cluster level; undefined without any. */
  readonly rule: ClientTlsMode | undefined;
  readonly enableAutoMtls: boolean;
  readonly meshExternal: boolean;
  readonly serviceMode: ServiceMode;
}

/** What the cluster sends: `mutual-own` is mutual TLS with certificates of its own, without mesh identity. */
export interface ClusterDecision {
  readonly tls: 'none' | 'mesh-mtls' | 'tls' | 'mutual-own';
  readonly source: 'userSupplied' | 'autoDetected';
}

const WRITTEN = { DISABLE: 'none', SIMPLE: 'tls', MUTUAL: 'mutual-own', ISTIO_MUTUAL: 'mesh-mtls' } as const;

/**
 * What a client's proxy sets up for a service as a whole: what its DestinationRule says, else mTLS if the mode of the
 * service is known and not DISABLE. Source: istio pilot/pkg/networking/core/cluster_tls.go, buildUpstreamTLSSettings.
 */
export function clusterDecision({ rule, enableAutoMtls, meshExternal, serviceMode }: ClusterInput): ClusterDecision {
  if (rule !== undefined) return { tls: WRITTEN[rule], source: 'userSupplied' };
  const isOff = !enableAutoMtls || meshExternal || serviceMode === 'UNKNOWN' || serviceMode === 'DISABLE';
  return isOff ? { tls: 'none', source: 'userSupplied' } : { tls: 'mesh-mtls', source: 'autoDetected' };
}

/** What decides about one endpoint. */
export interface EndpointInput {
  /** The TLS settings of the DestinationRule at endpoint level; undefined without any. */
  readonly rule: ClientTlsMode | undefined;
  /** `security.istio.io/tlsMode` of the endpoint; `istio` if its pod was injected and did not opt out. */
  readonly tlsMode: Fact<string | undefined>;
  /** Of PeerAuthentication for the workload and port behind the endpoint. */
  readonly effectiveMode: Fact<MtlsMode>;
}

/**
 * Whether an endpoint is marked as one that takes mTLS, which decides where the cluster's TLS is auto-detected.
 * Source: istio pilot/pkg/xds/endpoints/mtls_checker.go, checkMtlsEnabled, and endpoint_builder.go, buildEnvoyLbEndpoint.
 */
export function endpointTakesMtls({ rule, tlsMode, effectiveMode }: EndpointInput): Fact<boolean> {
  if (rule !== undefined && rule !== 'ISTIO_MUTUAL') return known(false);
  // The rule passes over PeerAuthentication alone: an endpoint without the label stays as it is.
  if (rule !== undefined) return mapFact(tlsMode, (mode) => mode === 'istio');
  const disabled = effectiveMode.known && effectiveMode.value === 'DISABLE';
  if (disabled || (tlsMode.known && tlsMode.value !== 'istio')) return known(false);
  return tlsMode.known ? mapFact(effectiveMode, (mode) => mode !== 'DISABLE') : tlsMode;
}
