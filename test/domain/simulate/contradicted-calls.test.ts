import { describe, expect, it } from 'vitest';
import type { CallEvidence } from '../../../src/domain/calls/call.ts';
import { doubtContradicted } from '../../../src/domain/simulate/contradicted-calls.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { ambientMesh, completeWorld, pod, service } from '../../cases-runner/case-world.ts';

const SEEN = { kind: 'observed', source: 'metrics', detail: 'client called server', wire: 'plaintext' } as const;

/** The fate of a call between two pods, of which the client's has a sidecar or none, with what was seen of it. */
function fateWhere(evidence: CallEvidence, hasSidecar = true) {
  const world = completeWorld([
    ...ambientMesh(),
    pod({ namespace: 'shop', name: 'client', sidecar: hasSidecar }),
    pod({ namespace: 'shop', name: 'server', labels: { app: 'server' }, sidecar: true }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
  ]);
  const call = {
    id: 'seen',
    from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } },
    to: { kind: 'service-port', namespace: 'shop', service: 'server', port: 80 },
    phase: 'run',
    protocol: 'http',
    evidence: [evidence],
  } as const;
  const { calls } = doubtContradicted({ calls: [call], windows: [], unresolved: [] }, world);
  return calls.map((each) => fateOf(each, world))[0];
}

describe('a call on which plaintext was seen', () => {
  it('is not known to be mutual TLS, whatever its proxies should send', () => {
    expect(fateWhere({ ...SEEN, wire: 'mutual-tls' })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
    const fate = fateWhere({ ...SEEN, lastSeen: '2026-11-16T08:00:00Z' });
    expect(fate).toMatchObject({ verdict: 'unknown', wire: 'unknown', identity: 'unknown' });
    expect(fate?.why).toBe(
      'metrics saw plaintext on it, last at 2026-11-16T08:00:00Z, though its proxies should send mutual TLS',
    );
  });

  it('is no contradiction where the client has no proxy, or where it is only probable', () => {
    expect(fateWhere(SEEN, false)).toMatchObject({ verdict: 'ok', wire: 'plaintext' });
    expect(fateWhere({ ...SEEN, kind: 'inferred' })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });
});
