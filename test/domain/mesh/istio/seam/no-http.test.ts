import { describe, expect, test } from 'vitest';
import type { Call } from '../../../../../src/domain/calls/call.ts';
import { fateIn, STRICT, type Scene } from './scene.ts';

const https: Partial<Call> = { protocol: 'https' };
const registryOnly = { mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } };
const bare: Scene = { server: { sidecar: false } };

function portOf(port: Readonly<Record<string, string>>): NonNullable<Scene['service']> {
  return { ports: [{ port: 80, targetPort: 8080, ...port }] };
}

describe("TLS of the application's own to a Service port declared HTTP, from a client with a sidecar", () => {
  test.each([{ name: 'http' }, { name: 'grpc-api' }, { name: 'x', appProtocol: 'kubernetes.io/h2c' }])(
    'goes nowhere where only what is registered may be called: %j',
    (port) => {
      const fate = fateIn({ ...bare, mesh: registryOnly, service: portOf(port), call: https });
      expect(fate.verdict).toBe('breaks');
      expect(fate.why).toContain('port 80 of Service shop/server, which is declared HTTP');
    },
  );

  test('passes the sidecar as it is, without mutual TLS of the mesh, where any host may be called', () => {
    expect(fateIn({ ...bare, call: https })).toMatchObject({ verdict: 'ok', wire: 'tls', identity: 'none' });
    expect(fateIn({ call: https, more: [STRICT] })).toMatchObject({ verdict: 'breaks', wire: 'tls' });
  });

  test('is read as HTTP, and breaks, where the port is declared HTTP_PROXY', () => {
    expect(fateIn({ ...bare, service: portOf({ name: 'http_proxy' }), call: https }).verdict).toBe('breaks');
  });

  test('is no matter of a port that is declared TLS', () => {
    const fate = fateIn({ ...bare, mesh: registryOnly, service: portOf({ name: 'https' }), call: https });
    expect(fate.verdict).toBe('ok');
  });
});

test('other bytes that are no HTTP, to a port declared HTTP, go nowhere either where only what is registered may be called', () => {
  expect(fateIn({ ...bare, mesh: registryOnly, call: { protocol: 'redis' } }).verdict).toBe('breaks');
  expect(fateIn({ ...bare, call: { protocol: 'redis' } }).verdict).toBe('ok');
});

test('where nobody says what a call speaks, the declaration of the port stands', () => {
  expect(fateIn({ ...bare, mesh: registryOnly }).verdict).toBe('ok');
  expect(fateIn({ more: [STRICT] })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
});
