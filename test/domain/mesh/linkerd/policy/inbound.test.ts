import { describe, expect, test } from 'vitest';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import type { Arrival } from '../../../../../src/domain/mesh/mesh.ts';
import { known, unknown } from '../../../../../src/domain/world/fact.ts';
import type { PodParts } from '../../../../cases-runner/linkerd/policy-world.ts';
import { scene } from './scene.ts';

const SPEAKS = { first: known(true), second: known(false), perhaps: unknown('who speaks first is not known') };
const opaque = { pod: { annotations: { 'config.linkerd.io/opaque-ports': '80' } } };

interface Where {
  readonly pod?: Partial<PodParts>;
  readonly resources?: readonly object[];
  readonly port?: number;
}

function taken(arrival: Partial<Arrival>, { pod = {}, resources = [], port = 80 }: Where = {}): string {
  const { world, server } = scene(resources, pod);
  const whole: Arrival = {
    sender: 'workload',
    wire: 'plaintext',
    payload: 'http',
    serverFirst: SPEAKS.second,
    ...arrival,
  };
  const { outcome, handledAs } = linkerd.inbound({ ...server, port }, whole, world);
  return `${outcome} ${handledAs}`;
}

const server = (proxyProtocol: string): Where => ({
  resources: [{ kind: 'Server', name: 'web', podSelector: {}, port: 80, accessPolicy: 'audit', proxyProtocol }],
});

describe('what arrives at a meshed port', () => {
  test('as plaintext is taken for what it is, and so is TLS of the application', () => {
    expect(taken({})).toBe('accepted http');
    expect(taken({ payload: 'tcp' })).toBe('accepted tcp');
    expect(taken({ wire: 'tls', payload: 'tls' })).toBe('accepted tcp');
    expect(taken({ wire: 'tls', payload: 'http' })).toBe('unknown unknown');
    expect(taken({ payload: 'unknown' })).toBe('accepted unknown');
  });

  test('from a client without proxy stalls where the server speaks first, unless the port is opaque', () => {
    const mysql = { payload: 'tcp', serverFirst: SPEAKS.first } as const;
    expect(taken(mysql)).toBe('refused tcp');
    expect(taken({ ...mysql, serverFirst: SPEAKS.perhaps })).toBe('unknown unknown');
    expect(taken(mysql, opaque)).toBe('accepted tcp');
    expect(taken(mysql, server('opaque'))).toBe('accepted tcp');
    expect(taken(mysql, server('TLS'))).toBe('refused tcp');
    expect(taken({ ...mysql, wire: 'mtls' })).toBe('accepted tcp');
    // The policy controller reads no list of which one entry is a name.
    expect(taken(mysql, { pod: { annotations: { 'config.linkerd.io/opaque-ports': '80,http' } } })).toBe('refused tcp');
  });

  test('is HTTP alone where a Server says so', () => {
    expect(taken({}, server('HTTP/1'))).toBe('accepted http');
    expect(taken({ payload: 'tcp' }, server('HTTP/1'))).toBe('refused tcp');
    expect(taken({ wire: 'mtls', payload: 'tcp' }, server('HTTP/2'))).toBe('refused tcp');
    expect(taken({ payload: 'unknown' }, server('gRPC'))).toBe('unknown unknown');
    expect(taken({ wire: 'mtls' }, server('opaque'))).toBe('accepted tcp');
  });

  test('is not known where the wire is not, and is refused as HBONE', () => {
    expect(taken({ wire: 'unknown' })).toBe('unknown unknown');
    expect(taken({ wire: 'hbone' })).toBe('refused tcp');
  });

  test('passes no proxy on a skipped port, except as mutual TLS on port 4143', () => {
    const skipped = { pod: { annotations: { 'config.linkerd.io/skip-inbound-ports': '80' } } };
    const mysql = { payload: 'tcp', serverFirst: SPEAKS.first } as const;
    expect(taken(mysql, skipped)).toBe('accepted tcp');
    // Meshed clients know the annotation and send no mutual TLS; the chart's list they do not know.
    expect(taken({ wire: 'mtls' }, skipped)).toBe('refused http');
    expect(taken({ wire: 'mtls' }, { port: 4567 })).toBe('accepted http');
    expect(taken(mysql, { port: 4567 })).toBe('accepted tcp');
  });

  test('from the kubelet over TCP always succeeds, so it says nothing of the application', () => {
    expect(taken({ sender: 'kubelet', payload: 'tcp' }, server('HTTP/1'))).toBe('degraded tcp');
  });
});
