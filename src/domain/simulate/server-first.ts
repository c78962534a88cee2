import type { Call } from '../calls/call.ts';
import { knownServerFirst } from '../calls/known-server-first.ts';
import type { CallServer } from '../calls/resolve-target.ts';
import { known, type Fact } from '../world/fact.ts';

const SERVER_FIRST: ReadonlySet<string> = new Set(['mysql', 'smtp', 'ftp', 'ssh', 'pop3', 'imap']);
const CLIENT_FIRST: ReadonlySet<string> = new Set([
  'http',
  'http2',
  'grpc',
  'tls',
  'https',
  'redis',
  'postgresql',
  'mongo',
  'amqp',
  'kafka',
]);

/**
 * Whether the server speaks first on a call: as the call's evidence says, else by port numbers and images that are
 * known for it. That nothing is known for it counts as "no": the list is ours, and the page of a plan says so.
 */
export function speaksFirst(call: Call, server: CallServer): Fact<boolean> {
  const protocol = call.protocol?.toLowerCase();
  if (protocol !== undefined && SERVER_FIRST.has(protocol)) return known(true);
  if (protocol !== undefined && CLIENT_FIRST.has(protocol)) return known(false);
  const ports = server.servicePort === undefined ? [server.port] : [server.port, server.servicePort.port];
  const images = server.workload.template.containers
    .filter((container) => container.ports.length === 0 || container.ports.some(({ port }) => port === server.port))
    .map(({ image }) => image);
  const names = [server.servicePort?.appProtocol, server.servicePort?.name];
  return known(knownServerFirst(ports, images, names) !== undefined);
}
