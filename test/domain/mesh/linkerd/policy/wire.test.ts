import { describe, expect, test } from 'vitest';
import { takeIn } from '../../../../../src/domain/mesh/linkerd/policy/wire.ts';
import type { Arrival } from '../../../../../src/domain/mesh/mesh.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

const PLAIN: Arrival = { sender: 'workload', wire: 'plaintext', payload: 'http', serverFirst: known(false) };

describe('a client without mutual TLS at a port of one version of HTTP', () => {
  test.each([
    ['HTTP/1', false, 'accepted'],
    ['HTTP/1', true, 'refused'],
    ['HTTP/2', false, 'unknown'],
    ['HTTP/2', true, 'accepted'],
    ['gRPC', false, 'unknown'],
    ['gRPC', true, 'accepted'],
    ['unknown', false, 'accepted'],
    ['unknown', true, 'accepted'],
  ] as const)('that is %s, where it says that it speaks HTTP/2: %s, is %s', (protocol, http2, outcome) => {
    expect(takeIn(protocol, { ...PLAIN, ...(http2 ? { http2 } : {}) }, 8080).outcome).toBe(outcome);
  });

  test('has its version found out by its own proxy where it has mutual TLS', () => {
    for (const http2 of [false, true]) {
      expect(takeIn('HTTP/2', { ...PLAIN, wire: 'mtls', http2 }, 8080).outcome).toBe('accepted');
    }
  });
});
