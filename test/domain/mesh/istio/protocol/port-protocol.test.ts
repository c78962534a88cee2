import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { egressToUnknownHost } from '../../../../../src/domain/mesh/istio/protocol/egress.ts';
import { knownServerFirst } from '../../../../../src/domain/calls/known-server-first.ts';
import { portProtocol } from '../../../../../src/domain/mesh/istio/protocol/port-protocol.ts';
import { serverFirstResult } from '../../../../../src/domain/mesh/istio/protocol/server-first.ts';
import { targetPortProtocol } from '../../../../../src/domain/mesh/istio/protocol/target-port-protocol.ts';
import { known } from '../../../../../src/domain/world/fact.ts';

describe('the protocol of a port', () => {
  it('never depends on the name where appProtocol is set', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('http-web', 'tcp', 'grpc-web-x', 'mysql'));
    fc.assert(
      fc.property(text, text, fc.nat(65535), (name, appProtocol, port) => {
        expect(portProtocol({ name, appProtocol, port }).protocol).toBe(portProtocol({ appProtocol, port }).protocol);
      }),
    );
  });

  it('is UDP on a UDP port, whatever else is said', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(65535), (name, port) => {
        expect(portProtocol({ name, port, protocol: 'UDP' })).toMatchObject({ protocol: 'UDP', declared: undefined });
      }),
    );
  });

  it.each([
    ['HTTP-web', 'HTTP'],
    ['http2', 'HTTP2'],
    ['gRPC-Web', 'GRPC-Web'],
    ['http_proxy-x', 'HTTP_PROXY'],
    ['web-http', 'Unsupported'],
    ['redis-a', 'Redis'],
  ])('of name %s is %s', (name, protocol) => {
    expect(portProtocol({ name }).protocol).toBe(protocol);
  });
});

describe('a container port of two Services', () => {
  const claim = (name: string, port: string, at?: number) => ({
    name,
    namespace: 'shop',
    age: at === undefined ? ({ age: 'unknown' } as const) : ({ age: 'created', at } as const),
    protocol: portProtocol({ name: port }),
  });

  it('is treated as the oldest Service says', () => {
    const answer = targetPortProtocol([claim('a', 'http', 2), claim('b', 'tcp', 1)]);
    expect(answer).toMatchObject(known({ protocol: 'TCP' }));
  });

  it('is unknown where their ages are not known and they differ', () => {
    expect(targetPortProtocol([claim('a', 'http'), claim('b', 'tcp')]).known).toBe(false);
    expect(targetPortProtocol([claim('a', 'http'), claim('b', 'grpc')])).toMatchObject({ known: true });
  });
});

describe('a server-first protocol', () => {
  it.each([
    [{ declared: 'TCP', serverMode: 'PERMISSIVE', client: 'plaintext' }, 'stalls'],
    [{ declared: 'TCP', serverMode: 'PERMISSIVE', client: 'mtls' }, 'ok'],
    [{ declared: 'TCP', serverMode: 'STRICT', client: 'mtls' }, 'ok'],
    [{ declared: 'TCP', serverMode: 'STRICT', client: 'plaintext' }, 'reject'],
    [{ declared: 'AUTO', serverMode: 'STRICT', client: 'mtls' }, 'stalls'],
    [{ declared: 'none', serverMode: 'DISABLE', client: 'plaintext' }, 'stalls'],
  ] as const)('with %j: %s', (input, result) => {
    expect(serverFirstResult(input).result).toBe(result);
  });

  it('is guessed from ports and images, but not from exporters', () => {
    expect(knownServerFirst([8080], ['docker.io/library/mariadb:11@sha256:0'])).toMatchObject({ by: 'image' });
    expect(knownServerFirst([3306], [])).toMatchObject({ protocol: 'MySQL', by: 'port' });
    expect(knownServerFirst([9104, 5432], ['prom/mysqld-exporter:v1', 'postgres:17'])).toBeUndefined();
  });
});

it('an outbound policy that is not modelled is unknown, and REGISTRY_ONLY answers 502 only for HTTP on HTTP ports', () => {
  const http = { listener: 'http', wire: 'plaintext', payload: 'http' } as const;
  expect(egressToUnknownHost('ALLOW_ANY_DYNAMIC_DNS', http).known).toBe(false);
  expect(egressToUnknownHost('REGISTRY_ONLY', http)).toEqual(known('502'));
  expect(egressToUnknownHost('REGISTRY_ONLY', { ...http, wire: 'tls' })).toEqual(known('BlackHoleCluster'));
  expect(egressToUnknownHost(undefined, http)).toEqual(known('PassthroughCluster'));
});
