import type { Payload } from '../mesh/mesh.ts';
import type { ServicePort } from '../world/service.ts';

const HTTP: ReadonlySet<string> = new Set(['http', 'http2', 'h2c', 'grpc', 'grpc-web', 'ws', 'http_proxy']);
const HTTP2: ReadonlySet<string> = new Set(['http2', 'h2c', 'grpc']);
const TLS: ReadonlySet<string> = new Set(['https', 'tls', 'wss', 'grpcs']);
const TCP: ReadonlySet<string> = new Set([
  'tcp',
  'mysql',
  'mongo',
  'redis',
  'postgresql',
  'postgres',
  'kafka',
  'amqp',
  'smtp',
  'ldap',
  'nats',
  'memcached',
]);

/**
 * What the application speaks on a call: as the call's evidence says, else as the service port declares it. Unknown
 * where neither does.
 */
export function payloadOf(protocol: string | undefined, port: ServicePort | undefined): Payload {
  const words = [protocol, port?.appProtocol, port?.name?.split('-')[0]];
  for (const word of words) {
    const payload = payloadOfWord(word);
    if (payload !== 'unknown') return payload;
  }
  return 'unknown';
}

/** Whether a call is said to speak HTTP/2: by its evidence, else by the service port; false also where nobody says. */
export function speaksHttp2(protocol: string | undefined, port: ServicePort | undefined): boolean {
  const word = [protocol, port?.appProtocol, port?.name?.split('-')[0]].find(
    (each) => payloadOfWord(each) !== 'unknown',
  );
  return word !== undefined && HTTP2.has(plainWord(word));
}

function plainWord(word: string): string {
  return word.toLowerCase().replace('kubernetes.io/', '');
}

function payloadOfWord(word: string | undefined): Payload {
  if (word === undefined) return 'unknown';
  const plain = plainWord(word);
  if (HTTP.has(plain)) return 'http';
  if (TLS.has(plain)) return 'tls';
  return TCP.has(plain) ? 'tcp' : 'unknown';
}

/**
 * Whether calls of the protocol (any, if it is not said) may go to the Service port. Only what speaks against it counts:
 * HTTP does not go to a port that declares another protocol, nor plain TCP to one that declares HTTP.
 */
export function mayCarry(port: ServicePort, protocol: string | undefined): boolean {
  if (protocol === undefined) return true;
  const isUdp = protocol.toLowerCase() === 'udp';
  if (isUdp || port.protocol !== 'TCP') return isUdp && port.protocol === 'UDP';
  const pair = [payloadOf(protocol, undefined), payloadOf(undefined, port)];
  return !(pair.includes('http') && pair.includes('tcp'));
}
