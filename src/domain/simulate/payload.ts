import type { Payload } from '../mesh/mesh.ts';
import type { ServicePort } from '../world/service.ts';

const HTTP: ReadonlySet<string> = new Set(['http', 'http2', 'h2c', 'grpc', 'grpc-web', 'ws', 'http_proxy']);
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

function payloadOfWord(word: string | undefined): Payload {
  if (word === undefined) return 'unknown';
  const plain = word.toLowerCase().replace('kubernetes.io/', '');
  if (HTTP.has(plain)) return 'http';
  if (TLS.has(plain)) return 'tls';
  return TCP.has(plain) ? 'tcp' : 'unknown';
}
