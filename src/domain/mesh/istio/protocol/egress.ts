import { known, unknown, type Fact } from '../../../world/fact.ts';

/** A call of a captured client to a host that the mesh does not know. */
export interface UnknownHostCall {
  /** Whether some Service makes the port an HTTP port for the client's proxy. */
  readonly listener: 'http' | 'other';
  readonly wire: 'plaintext' | 'tls';
  readonly payload: 'http' | 'tcp';
}

/** Where it goes: on without mTLS or policy, nowhere (connection reset), an HTTP status 502, or a protocol error. */
export type EgressResult = 'PassthroughCluster' | 'BlackHoleCluster' | '502' | 'protocol-error';

/**
 * What the client's proxy does with a call to an unknown host. `mode` is `Sidecar.outboundTrafficPolicy.mode`, else
 * `meshConfig.outboundTrafficPolicy.mode`, else ALLOW_ANY; a mode that is not known here gives unknown.
 * Source: istio pilot/pkg/networking/core/sidecar_simulation_test.go#TestPassthroughTraffic.
 */
export function egressToUnknownHost(mode: string | undefined, call: UnknownHostCall): Fact<EgressResult> {
  const policy = mode ?? 'ALLOW_ANY';
  if (policy !== 'ALLOW_ANY' && policy !== 'REGISTRY_ONLY') {
    return unknown(`what outboundTrafficPolicy ${policy} does with an unknown host is not modelled`);
  }
  const isReadByHttp = call.listener === 'http' && call.wire === 'plaintext';
  if (isReadByHttp && call.payload === 'tcp') return known('protocol-error');
  if (policy === 'ALLOW_ANY') return known('PassthroughCluster');
  return known(isReadByHttp ? '502' : 'BlackHoleCluster');
}
