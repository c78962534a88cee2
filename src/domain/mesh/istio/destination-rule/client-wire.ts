import { formatRef, type ObjectRef } from '../../../kubernetes/object.ts';
import { known, mapFact, type Fact } from '../../../world/fact.ts';
import type { MtlsMode } from '../mtls/peer-authentication.ts';
import { clusterDecision, endpointTakesMtls, type ServiceMode } from './auto-mtls.ts';
import type { EffectiveRule } from './merge.ts';
import type { TlsSettings } from './rule.ts';
import { clusterTls, endpointTls, type RuleTarget } from './tls-block.ts';

/** What goes out: `tls` has no mesh identity (`simple`: no client certificate, `mutual`: one of its own). */
export interface ClientWire {
  readonly wire: 'plaintext' | 'tls' | 'mtls';
  readonly certificate: 'none' | 'own' | 'mesh';
  /** The DestinationRules that decide; empty where a default or the endpoint does. */
  readonly decidedBy: readonly ObjectRef[];
  readonly why: string;
}

/** A call of a sidecar to a service of its registry, as far as the wire depends on it. */
export interface ServiceCall extends RuleTarget {
  readonly rule: EffectiveRule | undefined;
  /** `meshConfig.enableAutoMtls`; true by default. */
  readonly enableAutoMtls: Fact<boolean>;
  readonly meshExternal: boolean;
  /** Headless Service, or a rule for which `isPassthroughRule` holds. */
  readonly passthrough: boolean;
  /** From `inferServiceMode`. */
  readonly serviceMode: Fact<ServiceMode>;
  readonly endpoint: {
    /** `security.istio.io/tlsMode`; undefined for a pod without sidecar. */
    readonly tlsMode: Fact<string | undefined>;
    readonly effectiveMode: Fact<MtlsMode>;
  };
  /** False before Istio 1.31, where a subset's policy hid the rule's TLS from the endpoint check. */
  readonly subsetFallsBack?: boolean;
}

/**
 * What a sidecar sends to a pod address, or to a service that it cannot see: the bytes of the application, as they are.
 */
export function passthroughWire(): ClientWire {
  return plaintext('the destination is not a service that the sidecar knows, so it passes the bytes through');
}

/**
 * What a sidecar puts on the wire to one endpoint of a service: the DestinationRule's settings, else mTLS where both
 * the service as a whole and the endpoint take it. Unknown only where a missing fact decides.
 * Source: istio pilot/pkg/networking/core/cluster_tls.go and pilot/pkg/xds/endpoints/mtls_checker.go.
 */
export function serviceWire(call: ServiceCall): Fact<ClientWire> {
  const written = call.rule === undefined ? undefined : clusterTls(call.rule, call);
  if (written !== undefined) return known(writtenWire(written, call.rule));
  const { enableAutoMtls } = call;
  if (enableAutoMtls.known && !enableAutoMtls.value)
    return known(plaintext('auto-mTLS is off in the mesh configuration'));
  const wire = autoWire(call);
  const isPlain = wire.known && wire.value.wire === 'plaintext';
  return enableAutoMtls.known || isPlain ? wire : enableAutoMtls;
}

/** The wire where auto-mTLS is on and no TLS settings stand in its way. */
function autoWire(call: ServiceCall): Fact<ClientWire> {
  const { rule, meshExternal, serviceMode } = call;
  if (meshExternal) return known(plaintext('the service lies outside the mesh'));
  const layer = rule === undefined ? undefined : endpointTls(rule, call, call.subsetFallsBack)?.mode;
  const takes = endpointTakesMtls({ rule: layer, ...call.endpoint });
  if (!call.passthrough && takes.known && !takes.value) {
    return known(plaintext(whyNot(call, layer !== undefined && layer !== 'ISTIO_MUTUAL'), rule));
  }
  if (!serviceMode.known) return serviceMode;
  const cluster = clusterDecision({
    rule: undefined,
    enableAutoMtls: true,
    meshExternal,
    serviceMode: serviceMode.value,
  });
  if (cluster.tls === 'none') return known(plaintext(whyClusterIsPlain(call)));
  return call.passthrough ? known(autoMtls(rule)) : mapFact(takes, () => autoMtls(rule));
}

function writtenWire(tls: TlsSettings, rule: EffectiveRule | undefined): ClientWire {
  const decidedBy = rule?.refs ?? [];
  const text = `${decidedBy.map(formatRef).join(', ')} sets tls mode ${tls.mode}`;
  if (tls.mode === 'DISABLE') return { wire: 'plaintext', certificate: 'none', decidedBy, why: text };
  if (tls.mode === 'ISTIO_MUTUAL') return { wire: 'mtls', certificate: 'mesh', decidedBy, why: text };
  if (tls.credentialName !== undefined && rule?.hasWorkloadSelector !== true) {
    const why = `${text} with credentialName, which a sidecar ignores without workloadSelector: it sends no TLS`;
    return { wire: 'plaintext', certificate: 'none', decidedBy, why };
  }
  return { wire: 'tls', certificate: tls.mode === 'MUTUAL' ? 'own' : 'none', decidedBy, why: text };
}

function autoMtls(rule: EffectiveRule | undefined): ClientWire {
  const why = 'auto-mTLS: the service and the endpoint take it';
  return { wire: 'mtls', certificate: 'mesh', decidedBy: rule?.refs ?? [], why };
}

function plaintext(why: string, rule?: EffectiveRule): ClientWire {
  return { wire: 'plaintext', certificate: 'none', decidedBy: rule?.refs ?? [], why };
}

function whyNot({ endpoint }: ServiceCall, byRule: boolean): string {
  if (byRule)
    return 'the endpoint check goes by the tls of the DestinationRule that the port entry hides from the cluster';
  if (endpoint.tlsMode.known && endpoint.tlsMode.value !== 'istio') {
    return endpoint.tlsMode.value === undefined
      ? 'the endpoint has no sidecar'
      : `the endpoint has security.istio.io/tlsMode: ${endpoint.tlsMode.value}`;
  }
  return 'PeerAuthentication is DISABLE for the workload and port of the endpoint';
}

function whyClusterIsPlain({ passthrough }: ServiceCall): string {
  return passthrough
    ? 'the client keeps the address it was given, and an endpoint or the namespace does not take mTLS'
    : 'PeerAuthentication of the namespace of the service (or of the mesh) is DISABLE';
}
