import type { ServicePort } from '../world/service.ts';

const HTTP = /^(https?|http2|h2c|grpc|grpc-web|ws|wss)$/;
const NOT_HTTP = /^(tcp|mysql|mongo|redis|postgres|postgresql|kafka|amqp|tls|udp|smtp|ldap|nats|memcached)$/;

/** Whether calls of the protocol (any, if it is not said) may go to the Service port, by what the port declares. */
export function mayCarry(port: ServicePort, protocol: string | undefined): boolean {
  const said = protocol?.toLowerCase();
  if ((said === 'udp') !== (port.protocol === 'UDP') && (said === 'udp' || port.protocol !== 'TCP')) return false;
  const declared = (port.appProtocol ?? port.name?.split('-')[0] ?? '').toLowerCase().replace('kubernetes.io/', '');
  if (said === undefined) return true;
  if (HTTP.test(said)) return !NOT_HTTP.test(declared);
  return said !== 'tcp' || !/^(http|http2|h2c|grpc|grpc-web)$/.test(declared);
}
