import { describe, expect, it } from 'vitest';
import { inferServiceMode } from '../../../../../src/domain/mesh/istio/destination-rule/auto-mtls.ts';
import { serviceWire, type ServiceCall } from '../../../../../src/domain/mesh/istio/destination-rule/client-wire.ts';
import { interplay } from '../../../../../src/domain/mesh/istio/destination-rule/interplay.ts';
import type { EffectiveRule } from '../../../../../src/domain/mesh/istio/destination-rule/merge.ts';
import type { TrafficPolicy } from '../../../../../src/domain/mesh/istio/destination-rule/rule.ts';
import { tlsLayersDiffer } from '../../../../../src/domain/mesh/istio/destination-rule/tls-block.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';

const missing = unknown('nobody looked');
const CALL: ServiceCall = {
  rule: undefined,
  servicePort: 80,
  enableAutoMtls: known(true),
  meshExternal: false,
  passthrough: false,
  serviceMode: known('PERMISSIVE'),
  endpoint: { tlsMode: known('istio'), effectiveMode: known('PERMISSIVE') },
};

function ruleWith(trafficPolicy: Partial<TrafficPolicy>): EffectiveRule {
  return {
    refs: [{ kind: 'networking.istio.io/DestinationRule', namespace: 'shop', name: 'cart' }],
    host: 'cart.shop.svc.cluster.local',
    hasWorkloadSelector: false,
    subsets: [],
    trafficPolicy: { passthrough: false, ports: [], ...trafficPolicy },
  };
}

function wire(change: Partial<ServiceCall>): string {
  const result = serviceWire({ ...CALL, ...change });
  return result.known ? result.value.wire : 'unknown';
}

describe('what a sidecar puts on the wire', () => {
  it('is mTLS to an endpoint that takes it and plaintext to any other', () => {
    expect(wire({})).toBe('mtls');
    expect(wire({ endpoint: { tlsMode: known(undefined), effectiveMode: missing } })).toBe('plaintext');
    expect(wire({ endpoint: { tlsMode: known('istio'), effectiveMode: known('DISABLE') } })).toBe('plaintext');
  });

  it('is unknown only where a missing fact decides', () => {
    expect(wire({ enableAutoMtls: missing })).toBe('unknown');
    expect(wire({ enableAutoMtls: missing, serviceMode: known('DISABLE') })).toBe('plaintext');
    expect(wire({ serviceMode: missing })).toBe('unknown');
    expect(wire({ endpoint: { tlsMode: missing, effectiveMode: known('STRICT') } })).toBe('unknown');
    expect(wire({ serviceMode: missing, rule: ruleWith({ tls: { mode: 'ISTIO_MUTUAL' } }) })).toBe('mtls');
  });

  it('has no TLS where a rule without workloadSelector names a credential', () => {
    expect(wire({ rule: ruleWith({ tls: { mode: 'SIMPLE', credentialName: 'certs' } }) })).toBe('plaintext');
    expect(wire({ rule: ruleWith({ tls: { mode: 'SIMPLE' } }) })).toBe('tls');
  });

  it('stays plaintext under a port entry without tls below DISABLE, and the shape is flagged', () => {
    const rule = ruleWith({ tls: { mode: 'DISABLE' }, ports: [{ port: 80, passthrough: false }] });
    expect(wire({ rule })).toBe('plaintext');
    expect(tlsLayersDiffer(rule, { servicePort: 80 })).toBe(true);
    expect(tlsLayersDiffer(rule, { servicePort: 81 })).toBe(false);
  });

  it('passes over PeerAuthentication, not over the label, under a port entry without tls below ISTIO_MUTUAL', () => {
    const rule = ruleWith({ tls: { mode: 'ISTIO_MUTUAL' }, ports: [{ port: 80, passthrough: false }] });
    const effectiveMode = known('DISABLE' as const);
    expect(wire({ rule, endpoint: { tlsMode: known('istio'), effectiveMode } })).toBe('mtls');
    expect(wire({ rule, endpoint: { tlsMode: known(undefined), effectiveMode } })).toBe('plaintext');
    expect(wire({ rule, endpoint: { tlsMode: missing, effectiveMode } })).toBe('unknown');
  });

  it('is plaintext to all endpoints of a headless service of which one has no sidecar', () => {
    const serviceMode = inferServiceMode({
      meshExternal: false,
      passthrough: true,
      endpointTlsModes: ['istio', undefined],
      namespaceMode: 'STRICT',
      meshMode: undefined,
    });
    expect(wire({ passthrough: true, serviceMode: known(serviceMode) })).toBe('plaintext');
  });
});

describe('how a call ends', () => {
  const server = { sidecar: true, mode: 'DISABLE', declared: 'TCP', payload: 'tcp', appTls: false } as const;

  it('is broken where nothing terminates mesh mTLS, even if the application serves TLS', () => {
    expect(interplay({ wire: 'mtls' }, server).outcome).toBe('broken');
    expect(interplay({ wire: 'mtls' }, { ...server, sidecar: false, appTls: true }).outcome).toBe('broken');
  });

  it('is the TLS of the application where the proxy passes it on', () => {
    expect(interplay({ wire: 'tls' }, { ...server, appTls: true }).outcome).toBe('tls-ok');
    expect(interplay({ wire: 'tls' }, server).outcome).toBe('broken');
  });
});
