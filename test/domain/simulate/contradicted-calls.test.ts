import { describe, expect, it } from 'vitest';
import type { Call, CallEvidence } from '../../../src/domain/calls/call.ts';
import { doubtContradicted } from '../../../src/domain/simulate/contradicted-calls.ts';
import { fateOf } from '../../../src/domain/simulate/fate-of.ts';
import { ambientMesh, completeWorld, object, pod, service } from '../../cases-runner/case-world.ts';

const SEEN = { kind: 'observed', source: 'metrics', detail: 'client called server', wire: 'plaintext' } as const;

const CLIENT: Call['from'] = { kind: 'workload', workload: { namespace: 'shop', kind: 'Pod', name: 'client' } };
const NOBODY: Call['from'] = { kind: 'outsider', who: 'unknown' };
const STRICT = object('security.istio.io/v1', 'PeerAuthentication', {
  name: 'default',
  namespace: 'shop',
  spec: { mtls: { mode: 'STRICT' } },
});

interface Scene {
  readonly sidecar?: boolean;
  readonly strict?: boolean;
  readonly from?: Call['from'];
}

/** The fate of a call between two pods, of which the client's has a sidecar or none, with what was seen of it. */
function fateWhere(evidence: CallEvidence, { sidecar = true, strict = false, from = CLIENT }: Scene = {}) {
  const world = completeWorld([
    ...ambientMesh(),
    ...(strict ? [STRICT] : []),
    pod({ namespace: 'shop', name: 'client', sidecar }),
    pod({ namespace: 'shop', name: 'server', labels: { app: 'server' }, sidecar: true }),
    service('shop', 'server', { ports: [{ port: 80, targetPort: 8080, name: 'http' }] }),
  ]);
  const call = {
    id: 'seen',
    from,
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
    expect(fate).toMatchObject({ verdict: 'ok', wire: 'plaintext', identity: 'none' });
    expect(fate?.why).toContain(
      'metrics saw plaintext on it, last at 2026-11-16T08:00:00Z, though its proxies should send mutual TLS',
    );
  });

  it('breaks for what was seen where mutual TLS is demanded, of a known caller and of nobody known', () => {
    expect(fateWhere(SEEN, { strict: true })).toMatchObject({ verdict: 'partial', wire: 'plaintext' });
    expect(fateWhere({ ...SEEN, wire: 'mutual-tls' }, { strict: true })).toMatchObject({ verdict: 'ok' });
    expect(fateWhere(SEEN, { strict: true, from: NOBODY })).toMatchObject({ verdict: 'breaks', wire: 'plaintext' });
    expect(fateWhere(SEEN, { from: NOBODY })).toMatchObject({ verdict: 'ok', wire: 'plaintext' });
    expect(fateWhere({ ...SEEN, kind: 'inferred' }, { strict: true, from: NOBODY })).toMatchObject({
      verdict: 'unknown',
    });
  });

  it('is no contradiction where the client has no proxy, or where it is only probable', () => {
    expect(fateWhere(SEEN, { sidecar: false })).toMatchObject({ verdict: 'ok', wire: 'plaintext' });
    expect(fateWhere({ ...SEEN, kind: 'inferred' })).toMatchObject({ verdict: 'ok', wire: 'mtls' });
  });
});
