import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../../src/domain/kubernetes/object.ts';
import { linkerd } from '../../../../../src/domain/mesh/linkerd/linkerd.ts';
import { ask, changed, CURL, scene } from './scene.ts';

const OLD = '2026-01-01T00:00:00Z';
const NEW = '2026-02-01T00:00:00Z';
const server = (name: string, creationTimestamp: string, policy: string | object) => ({
  kind: 'Server',
  name,
  podSelector: {},
  port: 80,
  creationTimestamp,
  ...(typeof policy === 'string' ? { accessPolicy: policy } : policy),
});

function decide(found: ReturnType<typeof scene>, port = 80, tls: string | null = null): string {
  return linkerd.authorize(ask({ ...found.server, port }, { tls }), found.world).decision;
}

function undated(object: KubeObject): KubeObject {
  const { creationTimestamp: _created, ...metadata } = object.metadata;
  return { ...object, metadata };
}

describe('the Server of a port', () => {
  test('is the oldest, and the first by name of those of one age', () => {
    expect(decide(scene([server('a', NEW, 'audit'), server('b', OLD, 'deny')]))).toBe('deny');
    expect(decide(scene([server('b', OLD, 'audit'), server('a', OLD, 'deny')]))).toBe('deny');
    expect(decide(scene([server('b', OLD, 'deny'), server('a', OLD, 'audit')]))).toBe('allow');
  });

  test('is not known where creation times are missing and the Servers differ', () => {
    const undatedWorld = (second: string) =>
      changed(scene([server('a', OLD, 'audit'), server('b', OLD, second)]).world, {
        objects: (objects) => objects.map((object) => (object.kind === 'Server' ? undated(object) : object)),
      });
    expect(decide(undatedWorld('deny'))).toBe('unknown');
    expect(decide(undatedWorld('audit'))).toBe('allow');
  });

  test('is any of them before Linkerd 2.18', () => {
    const before = changed(scene([server('a', OLD, 'audit'), server('b', NEW, 'deny')]).world, {
      objects: (objects) =>
        objects.map(
          (object) => JSON.parse(JSON.stringify(object).replaceAll('edge-26.8.3', 'stable-2.14.10')) as KubeObject,
        ),
    });
    expect(decide(before)).toBe('unknown');
  });

  test('is found by the name of a TCP port in any container, and by a number that nobody declares', () => {
    const named = [server('a', OLD, { accessPolicy: 'deny', port: 'http' })];
    const udp = [{ name: 'http', containerPort: 80, protocol: 'UDP' }];
    expect(decide(scene(named))).toBe('deny');
    expect(decide(scene(named, { ports: udp }))).toBe('allow');
    expect(
      decide(
        scene(named, { ports: [], initContainers: [{ name: 'i', ports: [{ name: 'http', containerPort: 80 }] }] }),
      ),
    ).toBe('deny');
    expect(decide(scene([server('a', OLD, { accessPolicy: 'deny', port: 9999 })]), 9999)).toBe('deny');
  });

  test('is none that is about machines outside the cluster, or about other pods', () => {
    expect(
      decide(scene([server('a', OLD, { accessPolicy: 'deny', podSelector: undefined, externalWorkloadSelector: {} })])),
    ).toBe('allow');
    expect(decide(scene([server('a', OLD, { accessPolicy: 'deny', podSelector: { app: 'other' } })]))).toBe('allow');
  });

  test('takes no HTTP over what it calls opaque, and nothing else over HTTP', () => {
    const opaque = scene([server('a', OLD, { accessPolicy: 'all-authenticated', proxyProtocol: 'opaque' })]);
    const tcp = { payload: 'tcp', wire: 'mtls' } as const;
    const asTcp = (found: ReturnType<typeof scene>) =>
      linkerd.authorize(ask({ ...found.server, port: 80 }, { tls: CURL, arrival: tcp, handledAs: 'tcp' }), found.world)
        .decision;
    expect(asTcp(opaque)).toBe('allow');
    expect(asTcp(scene([server('a', OLD, { accessPolicy: 'audit', proxyProtocol: 'HTTP/1' })]))).toBe('deny');
  });
});
