import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inboundResult } from '../../../../../src/domain/mesh/istio/mtls/inbound-filter-chain.ts';

const declared = fc.constantFrom('HTTP' as const, 'TCP' as const, 'AUTO' as const, 'none' as const);
const mode = fc.constantFrom('DISABLE' as const, 'PERMISSIVE' as const, 'STRICT' as const);
const payload = fc.constantFrom('http' as const, 'tcp' as const);

describe('a port', () => {
  it('takes in mode STRICT nothing but mesh mTLS, which the proxy terminates', () => {
    const wire = fc.constantFrom('plaintext' as const, 'tls' as const, 'mtls' as const);
    fc.assert(
      fc.property(declared, wire, payload, (port, on, inside) => {
        const { result, tlsTerminated } = inboundResult({
          mode: 'STRICT',
          declared: port,
          connection: { wire: on, payload: inside },
        });
        if (result === 'accept') expect([on, tlsTerminated]).toEqual(['mtls', true]);
      }),
    );
  });

  it('takes in mode PERMISSIVE whatever plaintext it takes in mode DISABLE', () => {
    fc.assert(
      fc.property(declared, payload, (port, inside) => {
        const connection = { wire: 'plaintext', payload: inside } as const;
        const [permissive, disable] = (['PERMISSIVE', 'DISABLE'] as const).map((m) =>
          inboundResult({ mode: m, declared: port, connection }),
        );
        expect(permissive?.result).toBe(disable?.result);
      }),
    );
  });

  it('never terminates TLS in mode DISABLE', () => {
    fc.assert(
      fc.property(declared, payload, mode, (port, inside, any) => {
        const { tlsTerminated } = inboundResult({
          mode: any,
          declared: port,
          connection: { wire: 'mtls', payload: inside },
        });
        if (any === 'DISABLE') expect(tlsTerminated).toBe(false);
      }),
    );
  });

  it('takes mesh certificates without an Istio ALPN in mode STRICT only', () => {
    const connection = { wire: 'mtls', payload: 'http', istioAlpn: false } as const;
    const results = (['PERMISSIVE', 'STRICT'] as const).map(
      (m) => inboundResult({ mode: m, declared: 'HTTP', connection }).result,
    );
    expect(results).toEqual(['reject', 'accept']);
  });

  it('refuses clients of a foreign trust domain where it terminates mTLS', () => {
    const connection = { wire: 'mtls', payload: 'http', trustedDomain: false } as const;
    expect(inboundResult({ mode: 'STRICT', declared: 'HTTP', connection }).error).toBe('trust-domain');
  });

  it('of a Sidecar ingress listener with own tls takes TLS and no plaintext', () => {
    const answer = (wire: 'plaintext' | 'tls', ingressTls: 'SIMPLE' | 'MUTUAL') =>
      inboundResult({ mode: 'DISABLE', declared: 'HTTP', connection: { wire, payload: 'http' }, ingressTls }).result;
    expect([answer('tls', 'SIMPLE'), answer('plaintext', 'SIMPLE'), answer('tls', 'MUTUAL')]).toEqual([
      'accept',
      'reject',
      'unknown',
    ]);
  });
});
